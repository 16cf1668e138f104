"""Data of the user's own as Keras' trainer reads them, each batch looked at before it is trained on."""

import itertools

import keras
import numpy as np
from keras.src.trainers.data_adapters import data_adapter_utils
from keras.src.trainers.data_adapters.data_adapter import DataAdapter
from keras.src.trainers.data_adapters.py_dataset_adapter import PyDatasetAdapter


def as_tuple(batch):
    """A batch as Keras wants it: `(x,)`, `(x, y)` or `(x, y, weights)`."""
    return tuple(batch) if isinstance(batch, (tuple, list)) else (batch,)


def as_arrays(batch):
    """A batch's tensors of whatever framework as numpy arrays."""
    return keras.tree.map_structure(as_array, batch)


def as_array(values):
    """Numbers (or names) in an array, a list or a tensor of whatever framework as a numpy array."""
    return np.asarray(values) if isinstance(values, (np.ndarray, list, tuple)) else keras.ops.convert_to_numpy(values)


class IterableBatches(DataAdapter):
    """Any iterable of batches: an object with `__iter__`, read anew each epoch, or an iterator, which is read once.

    Args:
        batches: the iterable; items are arrays or tensors of any framework, or tuples of them.
        first: the first batch of an iterator, which has been taken from it; None for what can be iterated anew.
        check: function of a batch that raises a `ValueError` where it does not fit.
    """

    def __init__(self, batches, first, check):
        super().__init__()
        self.batches, self.check = batches, check
        self._rest = None if first is None else itertools.chain([first], batches)
        self._first = next(iter(batches)) if first is None else first

    def _epoch(self):
        for batch in self.batches if self._rest is None else self._rest:
            arrays = as_arrays(batch)
            self.check(arrays)
            yield as_tuple(arrays)

    def get_numpy_iterator(self):
        return self._epoch()

    def get_jax_iterator(self):
        return data_adapter_utils.get_jax_iterator(self._epoch())

    def get_tf_dataset(self):
        import tensorflow as tf

        def spec(array):
            return tf.TensorSpec((None, *array.shape[1:]), array.dtype)

        signature = keras.tree.map_structure(spec, as_tuple(as_arrays(self._first)))
        options = tf.data.Options()
        options.autotune.enabled = False
        return tf.data.Dataset.from_generator(self._epoch, output_signature=signature).with_options(options)

    def get_torch_dataloader(self):
        return data_adapter_utils.get_torch_dataloader(self._epoch())

    @property
    def num_batches(self):
        try:
            return len(self.batches)
        except TypeError:
            return None

    @property
    def batch_size(self):
        return None


class CheckedPyDataset(PyDatasetAdapter):
    """A `keras.utils.PyDataset`, workers and all, each of whose batches is looked at."""

    def __init__(self, dataset, check):
        super().__init__(dataset, shuffle=False)
        self.check = check

    def _standardize_batch(self, batch):
        self.check(as_arrays(batch))
        return super()._standardize_batch(batch)
