"""The engine's primitives on JAX.

Whatever JAX differentiates runs in a scope of its own that sees all current values of Keras' variables; what it assigns
there (statistics, seeds, metrics) is carried out as auxiliary output and assigned again outside.
"""

import contextlib
import math

import jax
import keras
import numpy as np
from jax.experimental import multihost_utils
from keras.src.backend.common.stateless_scope import get_stateless_scope


class _InheritedScope(keras.StatelessScope):
    """A scope that starts from what the surrounding one sees and remembers what it assigned."""

    def __init__(self):
        super().__init__(collect_losses=True)
        surrounding = get_stateless_scope()
        if surrounding is not None:
            self.state_mapping.update(surrounding.state_mapping)
        self.assigned = {}

    def add_update(self, update):
        variable, _ = update
        self.assigned[id(variable)] = variable
        super().add_update(update)


def _isolate(function, variables):
    """`run(values, *inputs)`, which is pure, and `keep(values)`, which assigns what the last run of it changed."""
    assigned = []

    def run(values, *inputs):
        with _InheritedScope() as scope:
            scope.state_mapping.update({id(variable): value for variable, value in zip(variables, values)})
            outputs = function(*inputs)
        assigned[:] = scope.assigned.values()
        return outputs, [scope.get_current_value(variable) for variable in assigned]

    def keep(values):
        for variable, value in zip(assigned, values):
            variable.assign(value)

    return run, keep


def gradient(loss, variables):
    """Value of the scalar `loss()` and its gradient for `variables`."""
    run, keep = _isolate(loss, variables)
    (value, changes), gradients = jax.value_and_grad(run, has_aux=True)([variable.value for variable in variables])
    keep(changes)
    return value, gradients


def record(function, variables):
    """Outputs of `function()`, detached, and the map that pulls a gradient at the outputs back to `variables` through
    that same pass.
    """
    run, keep = _isolate(function, variables)
    outputs, pull_back, changes = jax.vjp(run, [variable.value for variable in variables], has_aux=True)
    keep(changes)
    return jax.lax.stop_gradient(outputs), lambda directions: pull_back(directions)[0]


def input_gradient(function, inputs, differentiable=True):
    """`function(inputs)` and the gradient of the sum of its outputs at `inputs`, a tensor or several; in JAX it is
    always `differentiable`.
    """
    run, keep = _isolate(function, [])

    def total(inputs):
        outputs, changes = run([], inputs)
        return outputs.sum(), (outputs, changes)

    (_, (outputs, changes)), direction = jax.value_and_grad(total, has_aux=True)(inputs)
    keep(changes)
    return outputs, direction


def gradients_at(function, inputs, variables):
    """`function(inputs)`, a scalar, its gradient at `inputs` (a structure of tensors) and that for `variables`."""
    run, keep = _isolate(function, variables)
    differentiated = jax.value_and_grad(run, argnums=(0, 1), has_aux=True)
    (value, changes), (gradients, directions) = differentiated([variable.value for variable in variables], inputs)
    keep(changes)
    return value, directions, gradients


def apply(optimizer, gradients, variables):
    """Let `optimizer` move `variables`: by its stateless form, since its stateful one branches on traced values under
    loss scaling.
    """
    moved, state = optimizer.stateless_apply(
        [variable.value for variable in optimizer.variables], gradients, [variable.value for variable in variables]
    )
    for variable, value in [*zip(variables, moved), *zip(optimizer.variables, state)]:
        variable.assign(value)


def replicas():
    """One: under `keras.distribution` the batch is one array over all devices, and so is its mean."""
    return 1


def share(count):
    """Of the samples of a step: how many come before this process's, and how many there are. All are here."""
    return 0, count


def returned(value):
    """A number as a step returns it: as it is."""
    return value


def compiling():
    """Whether this code runs once, to be compiled: no variable may be created then."""
    return get_stateless_scope() is not None


def double_precision():
    """A context in which float64 is float64, inside a compiled step too; elsewhere JAX makes it float32."""
    return jax.enable_x64(True)


class BackendTrainer:
    """What Keras' JAX trainer needs to play a game: `train_step(data)` turned once into the pure function of all state
    that JAX compiles.
    """

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            names = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")
            self.train_function = self._make_function(self._pure(self.train_step, names))

    def make_test_function(self, force=False):
        if self.test_function is None or force:
            names = ("trainable_variables", "non_trainable_variables", "metrics_variables")
            self.test_function = self._make_function(self._pure(self.test_step, names))

    def _pure(self, step, names):
        def groups():
            return [
                self.optimizer.variables if name == "optimizer_variables" else getattr(self, name) for name in names
            ]

        def pure_step(state, data):
            pairs = [pair for variables, values in zip(groups(), state) for pair in zip(variables, values)]
            with keras.StatelessScope(pairs) as scope:
                logs = step(data)
            return logs, tuple([scope.get_current_value(variable) for variable in variables] for variables in groups())

        if self.run_eagerly or not self.jit_compile:
            return pure_step
        shardings = None
        if keras.distribution.distribution() is not None:
            every = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")
            spec = dict(zip(every, self._get_state_sharding_spec()))
            shardings = (None, tuple(spec[name] for name in names))
        return jax.jit(pure_step, donate_argnums=0, out_shardings=shardings)

    def global_random_states(self):
        """None: all random state is in Keras' `SeedGenerator`s."""
        return {}

    def restore_global_random_states(self, states):
        """Nothing to restore."""

    def variables_scope(self):
        """The context in which variables are created: none is needed."""
        return contextlib.nullcontext()

    def least_of_all_workers(self, number):
        """The least of an integer of each process's."""
        return number if jax.process_count() == 1 else int(multihost_utils.process_allgather(np.array(number)).min())

    def feed(self, batches, training=True):
        """The `Batches`, which Keras reads without threads of its own;
        of those of several processes this one's share.
        """
        distribution = keras.distribution.distribution()
        if distribution is None:
            return batches
        devices, last = math.prod(distribution.device_mesh.shape), batches.count % batches.batch_size
        if batches.batch_size % devices or last % devices:
            raise ValueError(
                f"{devices} devices share each batch evenly, which batches of "
                f"{batches.batch_size}{f', the last of {last},' if last else ''} do not allow: "
                "change `batch_size` or the number of samples."
            )
        return batches if jax.process_count() == 1 else _OwnShare(batches)

    def own_stream(self, data, check):
        """None: no data are read in a way of JAX's own."""


class _OwnShare(keras.utils.PyDataset):
    """Of each batch the rows that this process feeds, where all processes together feed the whole."""

    def __init__(self, batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        batch, part = self.batches[index], jax.process_index()

        def own(array):
            count = len(array) // jax.process_count()
            return array[part * count : (part + 1) * count]

        return keras.tree.map_structure(own, batch)
