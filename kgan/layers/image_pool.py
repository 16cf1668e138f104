import functools

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="kgan")
class ImagePool(keras.layers.Layer):
    """A memory of samples, so that a discriminator is shown what the generator made now and what it made earlier
    (CycleGAN).

    Sample by sample: while there is room, a sample is put into the memory and returned. Then, with probability 1/2, it
    changes places with one that the memory draws at random; else it is returned and forgotten. All samples of a batch
    are handled at once, to that effect: one may change places with another of its own batch.

    Only a call with `training=True` touches the memory; any other returns the samples as they are. What comes from the
    memory has no gradient; what is passed through keeps its own. The memory, how full it is, and the random state are
    saved with the layer. Under `tf.distribute` all replicas draw from one memory, into which the samples of the first
    replica go.

    Input: samples `(batch, ...)`, of any batch size, also a larger one than the memory's. Output: the same shape and
    dtype.

    Args:
        size: samples in memory. Default the paper's 50. 0: all samples pass through, and the layer has no weights.
        seed: integer that fixes the draws.
        **kwargs: `name`, `dtype` of `keras.layers.Layer`. Samples are kept in its variable dtype.

    Raises:
        ValueError: a size below 0; samples whose shape is not known when the layer is built.

    Example:

    >>> pool = kgan.layers.ImagePool(size=2, seed=0)
    >>> samples = pool(np.arange(5, dtype="float32")[:, None], training=True)
    >>> samples.shape, pool.memory.shape
    ((5, 1), (2, 1))

    References:
        Zhu et al., 2017, section 4, https://arxiv.org/abs/1703.10593. Shrivastava et al., Learning from Simulated and
            Unsupervised Images through Adversarial Training, 2017, section 2.3.
    """

    def __init__(self, size=50, seed=None, **kwargs):
        super().__init__(**{"trainable": False, "autocast": False, **kwargs})
        if not isinstance(size, int) or size < 0:
            raise ValueError(f"`size` is the number of samples in memory, an integer of at least 0, not {size!r}.")
        self.size, self.seed = size, seed
        self.seed_generator = keras.random.SeedGenerator(seed) if size else None

    def build(self, input_shape):
        if not self.size:
            return
        if any(side is None for side in input_shape[1:]):
            raise ValueError(
                f"The memory of an ImagePool is for samples of one known shape, not of {tuple(input_shape)}: build the "
                f"pool on the shape that samples have in training."
            )
        # All replicas read one memory, which one of them can write.
        weight = functools.partial(
            self.add_weight, initializer="zeros", trainable=False, autocast=False, aggregation="only_first_replica"
        )
        self.memory = weight(name="memory", shape=(self.size, *input_shape[1:]))
        self.filled = weight(name="filled", shape=(), dtype="int32")

    def call(self, samples, training=False):
        if not self.size or not training:
            return samples
        count = ops.shape(samples)[0]
        number, slots = (ops.arange(length, dtype="int32") for length in (count, self.size))
        new, swapped, place = self._draw(count, number)
        # What memory held before, and after it the batch: sample j, once put into memory, is row `size + j`.
        rows = ops.concatenate([ops.convert_to_tensor(self.memory), ops.cast(samples, self.memory.dtype)])
        rows, writes = ops.stop_gradient(rows), ops.logical_or(new, swapped)[None]

        def held(slots, before):
            """The rows that are in these slots once the samples `before` have been there."""
            writers = ops.logical_and(place[None] == slots[:, None], ops.logical_and(writes, before))
            last = ops.max(ops.where(writers, number[None], -1), axis=1)
            return ops.take(rows, ops.where(last < 0, slots, self.size + last), axis=0)

        remembered = ops.cast(held(place, number[None] < number[:, None]), samples.dtype)
        self.memory.assign(held(slots, True))
        self.filled.assign(ops.minimum(self.filled + count, self.size))
        return ops.where(ops.reshape(swapped, (-1,) + (1,) * (len(samples.shape) - 1)), remembered, samples)

    def _draw(self, count, number):
        """Of each sample: whether memory has room for it, whether it changes places, and with which slot."""
        turn = self.filled + number
        new = turn < self.size
        slot = keras.random.randint((count,), 0, self.size, seed=self.seed_generator)
        heads = keras.random.uniform((count,), seed=self.seed_generator, dtype="float32") < 0.5
        return new, ops.logical_and(heads, ops.logical_not(new)), ops.where(new, turn, slot)

    def compute_output_shape(self, input_shape):
        return input_shape

    def save_own_variables(self, store):
        super().save_own_variables(store)
        if self.size:
            store["random_state"] = ops.convert_to_numpy(self.seed_generator.state.value)

    def load_own_variables(self, store):
        entries = {key: store[key] for key in store.keys()}
        if "random_state" in entries:
            self.seed_generator.state.assign(np.asarray(entries.pop("random_state")))
        super().load_own_variables(entries)

    def get_config(self):
        return {**super().get_config(), "size": self.size, "seed": self.seed}
