import keras
import numpy as np
import pytest
from test_translators import ONCE, images, outputs

import kgan

layers = keras.layers


def build(shape=(7, 5, 1), **options):
    return kgan.networks.srresnet(shape, **{"filters": 4, "blocks": 1, **options})


@pytest.mark.parametrize("scale", [2, 4, 6])
def test_images_become_larger(scale):
    network = build((7, 5, 3), scale=scale)
    assert network.output_shape == (None, 7 * scale, 5 * scale, 3)
    shuffles = [layer.scale for layer in network.layers if isinstance(layer, kgan.layers.PixelShuffle)]
    assert shuffles == {2: [2], 4: [2, 2], 6: [2, 3]}[scale]


def test_a_network_of_free_size_takes_each_and_starts_where_tanh_is_steep():
    network = build((None, None, 1))
    assert network.output_shape == (None, None, None, 1)
    for sides in ((7, 5), (3, 12)):
        made = outputs(network, images(2, *sides, 1))
        assert made.shape == (2, 4 * sides[0], 4 * sides[1], 1)
        assert 1e-3 < made.std() and np.abs(made).max() < 0.9


@ONCE
def test_as_in_the_papers_figure():
    network = kgan.networks.srresnet((None, None, 3))
    convolutions = [layer for layer in network.layers if isinstance(layer, layers.Conv2D)]
    # 16 blocks of two, one behind them, two before the shuffles, one at each end.
    assert [layer.kernel_size[0] for layer in convolutions] == [9, *(2 * 16 + 1 + 2) * [3], 9]
    assert [layer.filters for layer in convolutions[-4:]] == [64, 256, 256, 3]
    assert sum(isinstance(layer, layers.BatchNormalization) for layer in network.layers) == 2 * 16 + 1
    slopes = [layer for layer in network.layers if isinstance(layer, layers.PReLU)]
    assert len(slopes) == 1 + 16 + 2 and all(layer.alpha.shape == (1, 1, 64) for layer in slopes)


@ONCE
def test_refuses():
    for scale in (1, 2.5):
        with pytest.raises(ValueError, match="`scale` is a whole number of at least 2"):
            build(scale=scale)
    with pytest.raises(ValueError, match="residual blocks, at least 0"):
        build(blocks=-1)
    with pytest.raises(ValueError, match="`normalization` is"):
        build(normalization="group")
