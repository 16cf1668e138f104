"""What a trained game computes outside `fit`: served networks over arrays, batch by batch."""

import keras
import numpy as np

from kgan.engine.guards import check_finite_range


class Serving:
    """How a game's served networks run over arrays; a part of `AdversarialModel`."""

    def infer(self, name, *arrays, batch_size=256):
        """What the served network `name` makes of arrays, one for each of its inputs.

        Args:
            name: attribute of a network, or a tuple of several that are called one after another; moving averages are
                used where they are kept.
            *arrays: arrays `(n, ...)`, float samples as training takes them.
            batch_size: how many are computed at a time.

        Returns:
            numpy float32 `(n, ...)`, or a list of such, as the network returns them.

        Raises:
            ValueError: no samples, values that are not finite, images outside [-1, 1].
        """
        networks = [self.served(one) for one in ((name,) if isinstance(name, str) else name)]

        def compute(*batch):
            values = list(batch) if len(batch) > 1 else batch[0]
            for network in networks:
                whole = isinstance(network, keras.Model)
                values = network.predict_on_batch(values) if whole else network(values, training=False)
            return values

        return self.in_batches(compute, *map(as_samples, arrays), batch_size=batch_size)

    def in_batches(self, function, *arrays, batch_size=256):
        """`function` of arrays `(n, ...)`, batch by batch, as numpy float32 in the structure that it returns.

        All batches are of one size, so that nothing is compiled twice: the last one goes back to rows that are there
        already. Beside arrays and results memory holds one batch.
        """
        count, whole = len(arrays[0]), None
        if not count:
            raise ValueError("There are no samples.")
        size = min(batch_size, count)
        for start in range(0, count, size):
            rows = slice(min(start, count - size), min(start + size, count))
            # Of several replicas of one machine each computes the whole batch: the first one's rows come first.
            outputs = keras.tree.flatten(function(*(array[rows] for array in arrays)))
            made = [as_float32(part)[:size] for part in outputs]
            if whole is None:
                whole = [np.empty((count, *part.shape[1:]), part.dtype) for part in made]
            for all_rows, part in zip(whole, made):
                all_rows[rows] = part
        return whole[0] if len(whole) == 1 else whole


def as_samples(values):
    """Samples as networks take them: float32 where they are numbers with a fraction, looked at."""
    values = np.asarray(values)
    if values.dtype.kind in "iu" and values.ndim < 4:
        return values  # labels, tokens
    if len(values):
        check_finite_range(values)
    return values.astype("float32", copy=False)


def as_float32(values):
    array = values if isinstance(values, np.ndarray) else keras.ops.convert_to_numpy(values)
    return array.astype("float32", copy=False)
