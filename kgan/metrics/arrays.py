"""What the functions of this room take, checked: arrays of features, float64, finite, of fitting shapes."""

import numbers

import keras
import numpy as np


def as_array(values, name):
    """`values` as a finite float64 array."""
    array = np.asarray(keras.ops.convert_to_numpy(values))
    if array.dtype.kind not in "fiub" and array.dtype.name != "bfloat16":
        raise ValueError(f"`{name}` must be numbers, not {array.dtype}.")
    array = array.astype("float64")
    if not np.isfinite(array).all():
        raise ValueError(
            f"`{name}` hold {array.size - np.isfinite(array).sum()} non-finite values (NaN or infinite): no score "
            f"follows from them."
        )
    return array


def as_features(values, name, minimum=2):
    """`values` as finite float64 features `(n, d)` with n of at least `minimum`."""
    features = as_array(values, name)
    if features.ndim != 2 or not features.shape[1]:
        raise ValueError(f"`{name}` must be features (n, d), one row a sample, not an array of shape {features.shape}.")
    if len(features) < minimum:
        raise ValueError(f"`{name}` are {len(features)} samples, too few: at least {minimum} are needed.")
    return features


def as_pair(real, generated, minimum=2):
    """Both as features that have the same width."""
    real, generated = as_features(real, "real", minimum), as_features(generated, "generated", minimum)
    if real.shape[1] != generated.shape[1]:
        raise ValueError(
            f"`real` has {real.shape[1]} features a sample and `generated` {generated.shape[1]}: both must come from "
            f"the same network."
        )
    return real, generated


def as_equally_many(real, generated, minimum=2):
    """Both as features of the same width and number."""
    real, generated = as_pair(real, generated, minimum)
    if len(real) != len(generated):
        fewest = min(len(real), len(generated))
        raise ValueError(
            f"There are {len(real)} real and {len(generated)} generated samples, but equally many are needed: take the "
            f"first {fewest} of each, `[:{fewest}]`."
        )
    return real, generated


def as_natural(value, name):
    """`value` as an int of at least 1."""
    whole = isinstance(value, numbers.Real) and not isinstance(value, bool) and float(value).is_integer()
    if not whole or value < 1:
        raise ValueError(f"`{name}` must be an integer of at least 1, not {value!r}.")
    return int(value)
