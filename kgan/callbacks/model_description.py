"""What a checkpoint of a model fits: the game, its networks and its optimizers, by the shapes of their variables."""

import keras


def describe(model):
    """A compiled `AdversarialModel` as a dict that JSON keeps: what each part is called and what it holds."""
    networks = dict.fromkeys(name for names in model.players.values() for name in names)
    optimizers = {f"{player}_optimizer": getattr(model, f"{player}_optimizer") for player in model.players}
    return {
        "class": type(model).__name__,
        **{name: _shapes(getattr(model, name).weights) for name in networks},
        **{f"moving average of the {name}": _shapes(average.weights) for name, average in model.averages.items()},
        **{name: [_class_name(optimizer), *_shapes(optimizer.variables)] for name, optimizer in optimizers.items()},
        "number of random states (one for each Dropout and the like)": len(model.random_states()),
    }


def difference(stored, present):
    """The first part in which two descriptions differ: its name and a phrase for either; or None."""
    for part in {**stored, **present}:
        if stored.get(part) != present.get(part):
            return part, _phrase(stored.get(part), present.get(part)), _phrase(present.get(part), stored.get(part))
    return None


def _phrase(holds, other):
    if not isinstance(holds, list):
        return "none" if holds is None else str(holds)
    index = next((index for index, pair in enumerate(zip(holds, other or [])) if pair[0] != pair[1]), None)
    if index is None:
        return f"one of {sum(' ' in entry for entry in holds)} variables"
    return f"one whose variable {index + 1} of {len(holds)} is {holds[index]}" if " " in holds[index] else holds[index]


def _class_name(optimizer):
    name = type(optimizer).__name__
    return f"{name}({_class_name(optimizer.inner_optimizer)})" if isinstance(optimizer, keras.optimizers.LossScaleOptimizer) else name


def _shapes(variables):
    return [f"{tuple(variable.shape)} {variable.dtype}" for variable in variables]
