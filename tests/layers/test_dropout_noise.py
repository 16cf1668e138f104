import keras
import numpy as np
import pytest

from kgan.layers import DropoutNoise

numpy = keras.ops.convert_to_numpy


@pytest.mark.parametrize("training", [False, True])
def test_it_drops_whether_it_trains_or_not(training):
    made = numpy(DropoutNoise(0.25, seed=0)(np.ones((100, 100), "float32"), training=training))
    np.testing.assert_allclose(np.unique(made), [0, 1 / 0.75], rtol=1e-6)
    assert abs((made == 0).mean() - 0.25) < 0.02


def test_noise_differs_from_call_to_call_and_follows_the_seed():
    ones = np.ones((4, 50), "float32")
    first, second = (DropoutNoise(0.5, seed=3) for _ in range(2))
    one, other = numpy(first(ones)), numpy(first(ones))
    assert (one != other).any()
    np.testing.assert_array_equal(numpy(second(ones)), one)
    np.testing.assert_array_equal(numpy(second(ones)), other)
