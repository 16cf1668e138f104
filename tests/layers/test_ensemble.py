import keras
import numpy as np
import pytest

from kgan.engine import gradient
from kgan.layers import Ensemble

numpy = keras.ops.convert_to_numpy
LATENTS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "float32")


def line(weight, shape=None):
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4), keras.layers.Reshape(shape or (4,))])
    network.set_weights([np.full((2, 4), weight), np.zeros(4)])
    return network


@pytest.mark.parametrize("shape", [(4,), (2, 2, 1)])
def test_each_sample_goes_through_the_network_of_its_index(shape):
    layer = Ensemble([line(weight, shape) for weight in (1.0, 10.0, 100.0)])
    made = numpy(layer([LATENTS, np.array([2, 0, 1])]))
    expected = np.array([300.0, 7.0, 110.0]).reshape(3, *(1,) * len(shape)) * np.ones((3, *shape))
    np.testing.assert_allclose(made, expected, rtol=1e-6)


@pytest.mark.parametrize("sick", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("place", [0, 1])
def test_a_sick_network_spoils_its_own_samples_alone(sick, place):
    networks = [line(1.0), line(10.0)]
    networks[place].set_weights([np.full((2, 4), sick), np.zeros(4)])
    layer, well = Ensemble(networks), 1 - place
    index = np.array([well, place, well])
    made = numpy(layer([LATENTS, index]))
    np.testing.assert_allclose(made[[0, 2]], numpy(networks[well](LATENTS))[[0, 2]], rtol=1e-6)
    assert not np.isfinite(made[1]).any()
    kernel = networks[well].layers[0].kernel
    _, (slope,) = gradient(lambda: keras.ops.sum(layer([LATENTS, index])[::2]), [kernel])
    np.testing.assert_allclose(numpy(slope), np.tile([[6.0], [8.0]], (1, 4)), rtol=1e-6)


def test_networks_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        Ensemble([line(1.0), line(1.0, (2, 2))])
    with pytest.raises(ValueError, match="one or more"):
        Ensemble([])
