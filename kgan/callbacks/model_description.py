"""What a checkpoint fits: a game by the shapes of its variables and by its arguments, and the data it learns from."""

import hashlib
import json

import keras
import numpy as np

# How a step is carried out, not what it computes; and what only watches.
NOT_OF_THE_GAME = ("metrics", "run_eagerly", "steps_per_execution", "jit_compile")
# Names that Keras numbers in the order of creation, and seeds of what a checkpoint restores.
PASSED_OVER = ("name", "seed", "module", "registered_name", "build_config", "shared_object_id")
REFERENCES = ("keras_history", "input_layers", "output_layers")
CHUNK = 1 << 26
RANDOM_STATES = "number of random states (one for each Dropout and the like)"


def describe(model):
    """A compiled `AdversarialModel` as a dict that JSON keeps: what each part is called and what it holds.

    Of whole numbers the width is left out: backends count moves in different ones.
    """
    networks = {name: getattr(model, name) for names in model.players.values() for name in names}
    known = [*networks.values(), *model.averages.values()]
    others = [layer for layer in model.layers if layer.weights and all(layer is not one for one in known)]
    optimizers = {f"{player}_optimizer": getattr(model, f"{player}_optimizer") for player in model.players}
    return {
        "class": type(model).__name__,
        **{name: _shapes(network.weights) for name, network in networks.items()},
        **{f"part {index} ({type(layer).__name__})": _shapes(layer.weights) for index, layer in enumerate(others, 1)},
        **{f"moving average of the {name}": _shapes(average.weights) for name, average in model.averages.items()},
        **{name: [_class_name(optimizer), *_shapes(optimizer.variables)] for name, optimizer in optimizers.items()},
        RANDOM_STATES: len(model.random_states()),
    }


def difference(stored, present):
    """The first part in which two descriptions differ: its name and a phrase for either; or None."""
    for part in {**stored, **present}:
        if stored.get(part) != present.get(part):
            return part, _phrase(stored.get(part), present.get(part)), _phrase(present.get(part), stored.get(part))
    return None


def describe_arguments(model):
    """What a game was built and compiled with, as a dict that JSON keeps: `arguments`, and apart from them its
    `schedules`.

    Left out are learning rates that are numbers, which are state; what has no configuration is no part of it.
    """
    compiled = _configuration(model.get_compile_config)
    schedules = keras.optimizers.schedules.LearningRateSchedule
    moving = [name for name in compiled if isinstance(getattr(model, name, None), schedules)]
    apart = {name: compiled.pop(name) for name in moving} | _take_rates(compiled)
    arguments = {**_configuration(model.get_config), **compiled}
    return {
        "arguments": {name: value for name, value in arguments.items() if name not in NOT_OF_THE_GAME},
        "schedules": apart,
    }


def argument_differences(stored, present, common=False):
    """Every argument in which two descriptions differ, as `(path, there, here)`; with `common` of those alone that both
    have.
    """
    there, here = _flat(stored), _flat(present)
    paths = {**there, **here} if not common else [path for path in there if path in here]
    return [(path, there.get(path), here.get(path)) for path in paths if there.get(path) != here.get(path)]


def describe_data(data, model):
    """What `fit` learns from, `kgan.engine.Batches`, as a dict that JSON keeps;
    None for data that are not in memory.
    """
    if data is None:
        return None
    if isinstance(data.images, dict):
        streams = [(repr(name), repr(name), array) for name, array in data.streams.items()]
        names = {"names of the streams": list(data.streams), "alignment": bool(data.aligned)}
    else:
        streams, names = [("a sample", "the samples", data.images), ("a label", "the labels", data.labels)], {}
    return {
        "number of samples": data.count,
        **names,
        **{f"shape of {one}": _kind_of(array) for one, _, array in streams},
        "batch size": data.batch_size,
        "shuffling": bool(data.shuffle),
        "jitter": data.jitter.pixels,
        "flips": data.jitter.flip,
        **{f"digest of {all_}": "none" if array is None else _digest(array) for _, all_, array in streams},
        # An order of the model's own seed is restored with the model.
        "seed of the order": [int(data.seed), int(model.seed)],
    }


def _kind_of(array):
    return "none" if array is None else f"{tuple(array.shape[1:])} {array.dtype}"


def data_difference(stored, present):
    """The first part in which two descriptions of data differ: its name and a phrase for either; or None. Where one is
    missing, nothing is known.
    """
    if not stored or not present:
        return None
    for part, here in present.items():
        there = stored.get(part, here)
        if part == "seed of the order":
            follows = there[0] == there[1] and here[0] == here[1]
            there, here = (None, None) if follows or not present["shuffling"] else (there[0], here[0])
        if there != here:
            return part, there, here
    return None


def _digest(array):
    digest, rows = hashlib.sha256(), max(1, CHUNK // max(1, array[:1].nbytes))
    for start in range(0, len(array), rows):
        digest.update(np.ascontiguousarray(array[start : start + rows]))
    return digest.hexdigest()[:16]


def _configuration(get):
    try:
        config = get()
    except (NotImplementedError, TypeError, ValueError):
        return {}  # a network of the user's own class, which cannot be saved either
    return json.loads(json.dumps(_canonical(config, _names(config, {})), default=lambda value: type(value).__name__))


def _names(value, found):
    """Every name that occurs in a configuration, numbered by its first occurrence."""
    if isinstance(value, dict):
        if isinstance(value.get("name"), str):
            found.setdefault(value["name"], len(found) + 1)
        for part in value.values():
            _names(part, found)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _names(part, found)
    return found


def _canonical(value, names, reference=False):
    """A configuration without what differs from one process to the next."""
    if isinstance(value, dict):
        if value.get("class_name") == "__lambda__":
            return "a lambda"
        if value.get("class_name") == "DTypePolicy":
            return value["config"]["name"]
        return {
            str(key): _canonical(part, names, key in REFERENCES)
            for key, part in value.items()
            if key not in PASSED_OVER
        }
    if isinstance(value, (list, tuple)):
        return [_canonical(part, names, reference) for part in value]
    return names.get(value, value) if reference and isinstance(value, str) else value


def _take_rates(config, path=""):
    """Take the learning rates out of a configuration; those that are schedules by their path."""
    taken = {}
    for key, part in list(config.items()):
        if key == "learning_rate":
            taken |= {f"{path}{key}": part} if isinstance(part, dict) else {}
            del config[key]
        elif isinstance(part, dict):
            taken |= _take_rates(part, path if key == "config" else f"{path}{key}.")
    return taken


def _flat(value, path=""):
    """Every number, string, ... of a configuration by its path; `config` is left out of it, and places in a list count
    from 1.
    """
    if isinstance(value, dict):
        return {
            inner: leaf
            for key, part in value.items()
            for inner, leaf in _flat(part, path if key == "config" else f"{path}.{key}".strip(".")).items()
        }
    if isinstance(value, list) and any(isinstance(part, (dict, list)) for part in value):
        return {
            inner: leaf
            for index, part in enumerate(value)
            for inner, leaf in _flat(part, f"{path}.{index + 1}".strip(".")).items()
        }
    return {path: value}


def _phrase(holds, other):
    if not isinstance(holds, list):
        return "none" if holds is None else str(holds)
    index = next((index for index, pair in enumerate(zip(holds, other or [])) if pair[0] != pair[1]), None)
    if index is None:
        return f"one of {sum(' ' in entry for entry in holds)} variables"
    return f"one whose variable {index + 1} of {len(holds)} is {holds[index]}" if " " in holds[index] else holds[index]


def _class_name(optimizer):
    name = type(optimizer).__name__
    return (
        f"{name}({_class_name(optimizer.inner_optimizer)})"
        if isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
        else name
    )


def _shapes(variables):
    return [f"{tuple(variable.shape)} {'int' if 'int' in variable.dtype else variable.dtype}" for variable in variables]
