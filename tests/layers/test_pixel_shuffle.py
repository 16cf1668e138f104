import keras
import numpy as np
import pytest

from kgan.layers import PixelShuffle

numpy = keras.ops.convert_to_numpy


@pytest.mark.parametrize("scale", [1, 2, 3])
@pytest.mark.parametrize("channels", [1, 3])
def test_channels_become_blocks_of_pixels(scale, channels):
    given = np.random.default_rng(0).normal(size=(2, 4, 5, channels * scale**2)).astype("float32")
    layer = PixelShuffle(scale)
    made = numpy(layer(given))
    assert made.shape == layer.compute_output_shape(given.shape) == (2, 4 * scale, 5 * scale, channels)
    for row, column in ((0, 0), (4 * scale - 1, 5 * scale - 1), (2 * scale, 3 * scale - 1)):
        start = (row % scale * scale + column % scale) * channels
        wanted = given[:, row // scale, column // scale, start : start + channels]
        np.testing.assert_array_equal(made[:, row, column], wanted)
    if scale > 1:
        np.testing.assert_array_equal(made, numpy(keras.ops.depth_to_space(given, scale)))


def test_sizes_may_be_free_and_the_scale_is_kept():
    free = keras.Input((None, None, 8))
    network = keras.Model(free, PixelShuffle(2)(free))
    assert network.output_shape == (None, None, None, 2)
    for sides in ((3, 5), (6, 1)):
        assert network(np.zeros((1, *sides, 8), "float32")).shape == (1, 2 * sides[0], 2 * sides[1], 2)
    assert PixelShuffle.from_config(PixelShuffle(3, dtype="float16").get_config()).scale == 3
    half = PixelShuffle(2, dtype="float16")(np.zeros((1, 2, 2, 4), "float16"))
    assert keras.backend.standardize_dtype(half.dtype) == "float16"


def test_refuses():
    with pytest.raises(ValueError, match="no blocks of 2 x 2 pixels: give a multiple of 4"):
        PixelShuffle(2)(np.zeros((1, 2, 2, 6), "float32"))
    for scale in (0, 1.5):
        with pytest.raises(ValueError, match="whole number of at least 1"):
            PixelShuffle(scale)


@pytest.mark.skipif(keras.config.backend() != "tensorflow", reason="tf2onnx writes for TensorFlow")
def test_onnx_shuffles_free_sizes_too(tmp_path):
    pytest.importorskip("tf2onnx")
    onnxruntime, free = pytest.importorskip("onnxruntime"), keras.Input((None, None, 4))
    network = keras.Model(free, PixelShuffle(2)(free))
    given = np.random.default_rng(0).normal(size=(2, 3, 5, 4)).astype("float32")
    expected = numpy(network(given))
    network.export(str(tmp_path / "network.onnx"), format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(str(tmp_path / "network.onnx"))
    (made,) = session.run(None, {session.get_inputs()[0].name: given})
    np.testing.assert_array_equal(made, expected)
