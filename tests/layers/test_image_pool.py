import keras
import numpy as np
import pytest

from kgan.engine import gradient
from kgan.layers import ImagePool

numpy = keras.ops.convert_to_numpy


def numbered(first, count, shape=(2, 1)):
    """Samples that say which they are."""
    return np.arange(first, first + count, dtype="float32").reshape(-1, *(1,) * len(shape)) * np.ones(shape, "float32")


def plainly(samples, size, random):
    """CycleGAN's algorithm as its authors wrote it: what is returned for each sample, and what is remembered."""
    memory, returned = [], []
    for sample in samples:
        if len(memory) < size:
            memory.append(sample)
        elif random.random() < 0.5:
            place = random.integers(size)
            memory[place], sample = sample, memory[place]
        returned.append(sample)
    return np.array(returned), np.array(memory)


def played(pool, batches, batch, compiled=False):
    """What the pool returns for numbered samples, and what it holds in the end."""
    call = lambda samples: pool(samples, training=True)  # noqa: E731
    if compiled:
        import tensorflow as tf

        call = tf.function(call, jit_compile=True)
    returned = [numpy(call(numbered(index * batch, batch)))[:, 0, 0] for index in range(batches)]
    return np.concatenate(returned).astype(int), numpy(pool.memory)[:, 0, 0].astype(int)


def check(returned, memory, count, size):
    """What the algorithm promises, whatever was drawn."""
    assert (returned[:size] == np.arange(size)).all()
    assert (returned <= np.arange(count)).all()  # nothing comes back before it was there
    exchanged = np.flatnonzero(returned != np.arange(count))
    # A sample that changed places is returned once, later, or is still remembered.
    for sample in [*range(size), *exchanged]:
        assert (returned[size:] == sample).sum() + (memory == sample).sum() == 1
    assert len(set(memory)) == size


@pytest.mark.parametrize("batch, size", [(1, 5), (4, 5), (5, 5), (16, 5), (64, 50), (3, 1), (120, 2)])
def test_it_keeps_the_promises_of_the_algorithm(batch, size):
    pool, batches = ImagePool(size, seed=batch), max(6, 120 // batch)
    check(*played(pool, batches, batch), batches * batch, size)


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="a way of TensorFlow")
def test_it_can_be_compiled_by_xla():
    check(*played(ImagePool(5, seed=0), 10, 8, compiled=True), 80, 5)


@pytest.mark.parametrize("batch", [4, 24])
def test_statistics_are_those_of_the_algorithm_a_sample_at_a_time(batch):
    """The share exchanged and the ages of what comes back, against the plain algorithm's over many more samples."""
    size, count = 6, 1800
    returned, _ = played(ImagePool(size, seed=1), count // batch, batch)
    expected, _ = plainly(range(40_000), size, np.random.default_rng(0))
    ages, wanted = (np.arange(len(one)) - one for one in (returned, expected))
    assert abs((ages > 0).mean() - (wanted > 0).mean()) < 0.03
    for quantile in (0.25, 0.5, 0.75, 0.9):
        bounds = np.quantile(wanted[wanted > 0], quantile)
        assert abs((ages[ages > 0] <= bounds).mean() - (wanted[wanted > 0] <= bounds).mean()) < 0.05


def test_only_training_touches_the_memory():
    pool = ImagePool(3, seed=0)
    pool(numbered(0, 3), training=True)
    before = numpy(pool.memory)
    for _ in range(4):
        np.testing.assert_array_equal(numpy(pool(numbered(10, 4))), numbered(10, 4))
    np.testing.assert_array_equal(numpy(pool.memory), before)


def test_a_pool_of_none_passes_through():
    pool = ImagePool(0)
    np.testing.assert_array_equal(numpy(pool(numbered(0, 4), training=True)), numbered(0, 4))
    assert pool.variables == [] and pool.built


def test_what_is_remembered_has_no_gradient():
    pool, twin = ImagePool(4, seed=0), ImagePool(4, seed=0)
    weight = keras.Variable(np.ones((1,), "float32"))
    for one in (pool, twin):
        one(numbered(1, 4), training=True)
    for index in range(4):
        samples = numbered(100 + 8 * index, 8)
        kept = (numpy(twin(samples, training=True)) == samples)[:, 0, 0]
        assert 0 < kept.sum() < 8
        tensor = keras.ops.convert_to_tensor(samples)
        _, (slope,) = gradient(
            lambda tensor=tensor: keras.ops.sum(pool(tensor * keras.ops.convert_to_tensor(weight), training=True)),
            [weight],
        )
        np.testing.assert_allclose(numpy(slope), [samples[kept].sum()])


@pytest.mark.parametrize("policy", ["float32", "mixed_float16", "mixed_bfloat16"])
def test_samples_keep_their_dtype_and_all_digits(policy):
    keras.config.set_dtype_policy(policy)
    pool = ImagePool(2, seed=0)
    assert pool(np.full((4, 1), 1 / 3, "float32"), training=True).dtype == keras.ops.ones(1, "float32").dtype
    assert keras.backend.standardize_dtype(pool.memory.dtype) == "float32"
    for _ in range(3):
        np.testing.assert_array_equal(numpy(pool(np.full((4, 1), 1 / 3, "float32"), training=True)), np.float32(1 / 3))
    half = keras.ops.cast(np.full((4, 1), 0.5), "float16")
    assert keras.backend.standardize_dtype(pool(half, training=True).dtype) == "float16"


def test_a_saved_pool_goes_on_exactly(tmp_path):
    def model():
        samples = keras.Input((2, 1))
        return keras.Model(samples, ImagePool(5, seed=7, name="pool")(samples, training=True))

    first, whole = model(), model()
    for index in range(5):
        first(numbered(8 * index, 8))
    first.save(tmp_path / "pool.keras")
    first.save_weights(tmp_path / "pool.weights.h5")
    loaded, weighted = keras.saving.load_model(tmp_path / "pool.keras"), model()
    weighted.load_weights(tmp_path / "pool.weights.h5")
    for index in range(10):
        expected = numpy(whole(numbered(8 * index, 8)))
        if index >= 5:
            for one in (loaded, weighted):
                np.testing.assert_array_equal(numpy(one(numbered(8 * index, 8))), expected)


def test_refuses():
    with pytest.raises(ValueError, match="at least 0, not -1"):
        ImagePool(-1)
    with pytest.raises(ValueError, match="one known shape"):
        ImagePool(3).build((None, None, 8, 1))
