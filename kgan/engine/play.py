"""What a game holds in memory beside its networks: kept in plain objects, since Keras saves the lists and dicts on a
model.
"""

import inspect
import threading


class Given:
    """How a game was constructed: argument by name, for `get_config`."""

    def __init__(self, arguments):
        self.arguments = arguments

    @classmethod
    def of(cls, constructor, instance, positional, named):
        """What a call of the constructor gives each of its arguments."""
        bound = inspect.signature(constructor).bind(instance, *positional, **named)
        bound.apply_defaults()
        arguments = {}
        for parameter in list(bound.signature.parameters.values())[1:]:
            value = bound.arguments[parameter.name]
            if parameter.kind is parameter.VAR_KEYWORD:
                arguments |= value
            elif parameter.kind is not parameter.VAR_POSITIONAL:
                arguments[parameter.name] = value
            elif value:
                raise TypeError(f"{type(instance).__name__} takes its arguments by name, so that a file can hold them.")
        return cls(arguments)


class Step(threading.local):
    """What a step knows while it runs; replicas of `tf.distribute` are traced in threads of their own, in turns.

    Attributes:
        learning: whether the step moves anybody; in an evaluation nobody moves.
        logged: names that the step has logged so far.
        losses: what `add_loss` of networks gave since a pass or a move began: `(name of the network, loss)` by id.
    """

    def __init__(self):
        self.learning, self.logged, self.losses = True, set(), {}


class Play:
    """What the steps of a game share.

    Attributes:
        step: the step that runs.
        presented: whether a step has told the metrics what came of it.
        owned: dict of player to the variables that its optimizer moves.
        held: dict of player to the statistics of the others, which its moves leave as they are.
        optimizers: dict of player to optimizer.
        data: the `Batches` that `fit` trains on, or None where they are not in memory.
        refusal: what a batch was refused for while the trainer read it.
        phase: number of the phase that the epoch that runs belongs to; None before the first.
        jit_compile: as it was given to `compile`; Keras keeps what it made of it on this machine.
    """

    def __init__(self):
        self.step, self.presented = Step(), False
        self.owned, self.held, self.optimizers, self.data, self.refusal = {}, {}, {}, None, None
        self.phase, self.jit_compile = None, "auto"
