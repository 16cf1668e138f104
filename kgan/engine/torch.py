"""The engine's primitives on PyTorch."""

import contextlib

import torch
from keras import tree


def gradient(loss, variables):
    """Value of the scalar `loss()` and its gradient for `variables`."""
    value = loss()
    return value.detach(), _gradients([value], [variable.value for variable in variables])


def record(function, variables):
    """Outputs of `function()`, detached, and the map that pulls a gradient at the outputs back to `variables` through
    that same pass.
    """
    outputs = function()
    tensors = [variable.value for variable in variables]

    def pull_back(directions):
        return _gradients(tree.flatten(outputs), tensors, tree.flatten(directions))

    return tree.map_structure(torch.Tensor.detach, outputs), pull_back


def _gradients(outputs, tensors, directions=None):
    """Gradients of the outputs at the tensors, None where there is none: of a constant, of a frozen network."""
    pairs = [
        (one, direction) for one, direction in zip(outputs, directions or len(outputs) * [None]) if one.requires_grad
    ]
    tracked = [tensor for tensor in tensors if tensor.requires_grad]
    if not pairs or not tracked:
        return len(tensors) * [None]
    outputs, directions = zip(*pairs)
    found = dict(
        zip(map(id, tracked), torch.autograd.grad(outputs, tracked, grad_outputs=directions, allow_unused=True))
    )
    return [found.get(id(tensor)) for tensor in tensors]


def input_gradient(function, inputs, differentiable=True):
    """`function(inputs)` and the gradient of the sum of its outputs at `inputs`, a tensor or several, itself
    `differentiable` on demand.
    """
    inputs = tree.map_structure(
        lambda tensor: tensor if tensor.requires_grad else tensor.detach().requires_grad_(), inputs
    )
    outputs, tensors = function(inputs), tree.flatten(inputs)
    directions = torch.autograd.grad(outputs.sum(), tensors, create_graph=differentiable, allow_unused=True)
    directions = [
        torch.zeros_like(tensor) if direction is None else direction for tensor, direction in zip(tensors, directions)
    ]
    return outputs, tree.pack_sequence_as(inputs, directions)


def gradients_at(function, inputs, variables):
    """`function(inputs)`, a scalar, its gradient at `inputs` (a structure of tensors) and that for `variables`, None
    where there is none.
    """
    inputs = tree.map_structure(lambda tensor: tensor.detach().requires_grad_(), inputs)
    value, tensors = function(inputs), tree.flatten(inputs)
    every = [*tensors, *(variable.value for variable in variables)]
    found = _gradients([value], every)
    directions = [torch.zeros_like(tensor) if one is None else one for tensor, one in zip(tensors, found)]
    return value.detach(), tree.pack_sequence_as(inputs, directions), found[len(tensors) :]


def apply(optimizer, gradients, variables):
    """Let `optimizer` move `variables`."""
    with torch.no_grad():
        optimizer.apply(gradients, variables)


def replicas():
    """One: a process sees the gradient of its own batch."""
    return 1


def share(count):
    """Of the samples of a step: how many come before this process's, and how many there are. It sees its own alone."""
    return 0, count


def returned(value):
    """A number as a step returns it: as it is."""
    return value


def compiling():
    """Never: a step runs line by line."""
    return False


def double_precision():
    """A context in which float64 is float64: PyTorch needs none."""
    return contextlib.nullcontext()


class BackendTrainer:
    """What Keras' PyTorch trainer needs to play a game: plain batches, and PyTorch's own random state, which unseeded
    Dropout draws from.
    """

    def global_random_states(self):
        """States of random generators outside Keras, by name, as numpy arrays."""
        states = {"torch": torch.get_rng_state()}
        if torch.cuda.is_available():
            states |= {f"torch_cuda_{device}": state for device, state in enumerate(torch.cuda.get_rng_state_all())}
        return {name: state.numpy() for name, state in states.items()}

    def restore_global_random_states(self, states):
        """Set what `global_random_states` returned; devices that are not here are passed over."""
        for name, state in states.items():
            if name == "torch":
                torch.set_rng_state(torch.from_numpy(state))
            elif name.startswith("torch_cuda_") and int(name[11:]) < torch.cuda.device_count():
                torch.cuda.set_rng_state(torch.from_numpy(state), int(name[11:]))

    def variables_scope(self):
        """The context in which variables are created: none is needed."""
        return contextlib.nullcontext()

    def least_of_all_workers(self, number):
        """The integer: this process is alone."""
        return number

    def feed(self, batches, training=True):
        """The `Batches` as they are: Keras reads them without threads of its own."""
        return batches

    def own_stream(self, data, check):
        """None: no data are read in a way of PyTorch's own."""
