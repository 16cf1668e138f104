import numpy as np
import pytest
from PIL import Image

from kgan.data import Batches, digits, downscaled, image_folder


def pictures(count=5, height=12, width=8, channels=3, seed=0):
    return np.random.default_rng(seed).integers(256, size=(count, height, width, channels)).astype("uint8")


def test_a_pair_is_a_small_image_and_the_large_one():
    large = pictures(300)
    pairs = downscaled(large, scale=4)
    assert pairs.images.shape == (300, 3, 2, 3) and pairs.images.dtype == np.uint8 and pairs.labels is large
    low, high = pairs[0]
    assert low.shape == (16, 3, 2, 3) and high.shape == (16, 12, 8, 3) and low.dtype == high.dtype == np.float32
    assert -1 <= low.min() and low.max() <= 1
    # Every chunk is made of its own images.
    np.testing.assert_array_equal(pairs.images[299:], downscaled(large[299:], scale=4).images)


@pytest.mark.parametrize("scale", [2, 4])
def test_box_is_the_mean_of_blocks(scale):
    large = pictures()
    blocks = large.reshape(5, 12 // scale, scale, 8 // scale, scale, 3).mean((2, 4))
    assert np.abs(downscaled(large, scale, "box").images - blocks).max() <= 0.5 + 1e-4


@pytest.mark.parametrize("method, filter", [("bicubic", Image.Resampling.BICUBIC), ("box", Image.Resampling.BOX)])
def test_the_filter_is_pillows(method, filter):
    large = np.random.default_rng(0).uniform(-0.5, 0.5, (4, 20, 12, 1)).astype("float32")
    small = downscaled(large, 4, method).images
    wanted = [np.asarray(Image.fromarray(image[..., 0]).resize((3, 5), filter)) for image in large]
    np.testing.assert_allclose(small[..., 0], wanted, atol=1e-5)
    assert small.dtype == np.float32


def test_blocks_have_the_size_of_what_they_are_the_means_of():
    images = np.random.default_rng(0).integers(256, size=(3, 8, 12, 3)).astype("uint8")
    pairs = downscaled(images, 4, "box", blocks=True)
    assert pairs.images.shape == pairs.labels.shape == (3, 8, 12, 3)
    np.testing.assert_array_equal(pairs.images[:, ::4, ::4], downscaled(images, 4, "box").images)
    block = pairs.images[:, 4:, 8:]
    assert (block == block[:, :1, :1]).all()


def test_what_overshoots_is_cut():
    edge = np.full((1, 16, 16, 1), -1, "float32")
    edge[:, :, 8:] = 1
    small = downscaled(edge, 2).images
    assert small.min() == -1 and small.max() == 1
    whole = downscaled((edge * 127.5 + 127.5).astype("uint8"), 2).images
    assert whole[:, :, :4].max() < 128 <= whole[:, :, 4:].min()


def test_a_set_brings_its_batches_and_its_labels_stay_behind(tmp_path):
    labelled = digits(size=16, labels=True, batch_size=8, seed=3)
    pairs = downscaled(labelled, scale=2)
    assert (pairs.batch_size, pairs.seed, pairs.class_names) == (8, 3, None)
    np.testing.assert_array_equal(pairs.labels, labelled.images)
    np.testing.assert_array_equal(pairs.classes, labelled.labels)
    assert downscaled(labelled.images, 2).classes is None
    assert downscaled(labelled, 2, batch_size=4, seed=0).batch_size == 4
    for index, picture in enumerate(pictures(3, 8, 8)):
        Image.fromarray(picture).save(tmp_path / f"{index}.png")
    assert downscaled(image_folder(tmp_path, size=8), scale=4).images.shape == (3, 2, 2, 3)


def test_pairs_are_mirrored_together():
    pairs = downscaled(pictures(40, 8, 8, 1), scale=4, method="box", flip=True, batch_size=40)
    low, high = pairs[0]
    np.testing.assert_allclose(high.reshape(40, 2, 4, 2, 4, 1).mean((2, 4)), low, atol=0.5 / 127.5 + 1e-4)
    turned = [not (image == pairs.scale(pairs.labels)).all((1, 2, 3)).any() for image in high]
    assert 8 < sum(turned) < 32
    assert downscaled(Batches(pictures(), flip=True), scale=4).jitter.flip


@pytest.mark.parametrize(
    "images, options, said",
    [
        (pictures(2, 30, 29), {}, r"30 x 29 pixels.*`images\[:, :28, :28\]`.*`size=\(28, 28\)`"),
        (pictures(2, 3, 8), {}, "at least 4 pixels a side, or a smaller `scale`"),
        (pictures(), {"scale": 1}, "`scale` is a whole number of at least 2"),
        (pictures(), {"method": "lanczos"}, "'bicubic' or 'box', not 'lanczos'"),
        (pictures()[..., 0], {}, r"add a channel axis, `images\[..., None\]`"),
        (pictures().astype("int64"), {}, r"not int64: write `images.astype\('uint8'\)`"),
        (Batches(pictures(), jitter=1), {}, "leave `jitter` out"),
        (Batches({"a": pictures(), "b": pictures()}), {}, "several arrays"),
        ("photos", {}, r"read it first, `kgan.data.image_folder\('photos', size\)`"),
    ],
)
def test_refuses(images, options, said):
    with pytest.raises(ValueError, match=said):
        downscaled(images, **options)
    if "images[:," in said:
        assert downscaled(images[:, :28, :28]).images.shape == (2, 7, 7, 3)
