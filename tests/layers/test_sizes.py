"""Layers that make room at the edge of images and take it away again."""

import keras
import numpy as np
import pytest

from kgan.engine import input_gradient
from kgan.layers import CropLike, PadToMultiple, ReflectionPadding2D

numpy = keras.ops.convert_to_numpy


def images(shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("padding", [0, 1, 3])
def test_reflection_is_numpys(padding):
    given = images((2, 5, 4, 3))
    expected = np.pad(given, ((0, 0), 2 * (padding,), 2 * (padding,), (0, 0)), mode="reflect")
    layer = ReflectionPadding2D(padding)
    np.testing.assert_array_equal(numpy(layer(given)), expected)
    assert layer.compute_output_shape(given.shape) == expected.shape
    assert layer.compute_output_shape((None, None, 4, 3)) == (None, None, 4 + 2 * padding, 3)


def test_a_side_too_short_to_be_mirrored():
    with pytest.raises(ValueError, match="side of 3 pixels cannot be mirrored over 3: give images of at least 4"):
        ReflectionPadding2D(3)(images((1, 8, 3, 1)))


@pytest.mark.parametrize("multiple", [4, 8, 16])
@pytest.mark.parametrize("sides", [(8, 16), (7, 9), (5, 3), (1, 2)])
def test_padding_mirrors_at_all_ends_alike_and_is_undone(sides, multiple):
    given = images((2, *sides, 3))
    layer = PadToMultiple(multiple)
    padded = layer(given)
    added = [-side % multiple for side in sides]
    widths = [(0, 0), *((extra // 2, extra - extra // 2) for extra in added), (0, 0)]
    np.testing.assert_array_equal(numpy(padded), np.pad(given, widths, mode="reflect"))
    assert layer.compute_output_shape(given.shape) == tuple(padded.shape)
    np.testing.assert_array_equal(numpy(CropLike()([padded, given[..., :1]])), given)


def test_sizes_may_be_free():
    free = keras.Input((None, None, 2))
    padded = PadToMultiple(8)(free)
    network = keras.Model(free, [padded, CropLike()([padded, free]), ReflectionPadding2D(2)(free)])
    assert [tuple(shape) for shape in network.output_shape] == 3 * [(None, None, None, 2)]
    for sides in ((8, 8), (9, 15)):
        given = images((1, *sides, 2))
        padded, cropped, reflected = network(given)
        assert padded.shape[1:3] == tuple(side + -side % 8 for side in sides)
        np.testing.assert_array_equal(numpy(cropped), given)
        assert reflected.shape[1:3] == tuple(side + 4 for side in sides)


@pytest.mark.parametrize("layer", [ReflectionPadding2D(2), PadToMultiple(8)])
def test_every_pixel_has_the_gradient_of_its_mirror_images(layer):
    given = keras.ops.convert_to_tensor(images((1, 5, 6, 1)))
    _, slopes = input_gradient(lambda tensor: keras.ops.sum(layer(tensor), axis=(1, 2, 3)), given)
    # As often as each pixel stands in the padded image.
    numbered = np.arange(30, dtype="float32").reshape(1, 5, 6, 1)
    times = np.bincount(numpy(layer(numbered)).astype(int).ravel(), minlength=30)
    np.testing.assert_array_equal(numpy(slopes).ravel(), times)


@pytest.mark.parametrize("layer", [ReflectionPadding2D(2), PadToMultiple(8)])
def test_half_precision_stays(layer):
    half = keras.ops.cast(images((1, 5, 6, 1)), "float16")
    made = type(layer).from_config({**layer.get_config(), "dtype": "float16"})(half)
    assert keras.backend.standardize_dtype(made.dtype) == "float16"
