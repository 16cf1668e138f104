import string

import numpy as np
import pytest

from kgan.data import glyphs
from kgan.data.glyphs import SIZE, SLANT, THICKNESS


@pytest.fixture(scope="module")
def letters():
    return glyphs(1200, size=48, characters="HIT", fonts=["DejaVuSans", "cmss10"], labels=True)


def ink(images):
    return images[..., 0] / 255


def heights(images):
    """Height of the ink in pixels, with the fraction of the half-covered rows."""
    rows = ink(images).max(2)
    return rows.sum(1)


def lean(images):
    """Shear of each image by its second moments: covariance of x and y over the variance of y, with y upwards."""
    weights = ink(images) / ink(images).sum((1, 2), keepdims=True)
    y, x = np.mgrid[: images.shape[1], : images.shape[2]].astype(float)
    centre_x, centre_y = (weights * x).sum((1, 2), keepdims=True), (weights * y).sum((1, 2), keepdims=True)
    return -(weights * (x - centre_x) * (y - centre_y)).sum((1, 2)) / (weights * (y - centre_y) ** 2).sum((1, 2))


def test_same_seed_same_images():
    one, same, other, test = glyphs(60), glyphs(60), glyphs(60, seed=1), glyphs(60, split="test")
    np.testing.assert_array_equal(one.images, same.images)
    for factor in one.factors:
        np.testing.assert_array_equal(one.factors[factor], same.factors[factor])
    assert (one.images != other.images).any() and (one.images != test.images).any()
    assert (one[0] == same[0]).all()


def test_shapes_ranges_and_balance():
    batches = glyphs(1000, size=20, labels=True)
    assert batches.images.shape == (1000, 20, 20, 1) and batches.images.dtype == np.uint8
    assert batches.class_names == list(string.digits + string.ascii_letters) and len(batches.font_names) == 7
    counts = np.bincount(batches.factors["class"])
    assert len(counts) == 62 and counts.max() - counts.min() == 1
    np.testing.assert_array_equal(batches.labels, batches.factors["class"])
    assert batches.labels.dtype == np.int64 and set(batches.factors["font"]) == set(range(7))
    for factor, (low, high) in (("slant", SLANT), ("thickness", THICKNESS), ("size", SIZE)):
        values, width = batches.factors[factor], high - low
        assert low <= values.min() < low + 0.05 * width and high - 0.05 * width < values.max() <= high
    images, labels = batches[0]
    assert images.dtype == np.float32 and images.min() == -1 and images.max() == 1 and images.mean() < -0.5


def test_slant_is_what_the_moments_measure(letters):
    measured, slant = lean(letters.images), letters.factors["slant"]
    assert abs(measured - slant).max() < 0.04
    assert abs(measured - slant).mean() < 0.01


def test_size_is_the_cap_height(letters):
    size, thickness = letters.factors["size"], letters.factors["thickness"]
    expected = 48 * size * (1 + thickness)
    assert abs(heights(letters.images) - expected).max() < 1
    assert abs((heights(letters.images) - expected).mean()) < 0.4


def test_thickness_is_width_added_to_the_stroke(letters):
    factors = letters.factors
    for font in range(2):
        chosen = (factors["class"] == letters.class_names.index("I")) & (factors["font"] == font)
        cap = 48 * factors["size"][chosen]
        width = ink(letters.images[chosen]).sum((1, 2)) / heights(letters.images[chosen]) / cap
        slope, stem = np.polyfit(factors["thickness"][chosen], width, 1)
        assert 0.9 < slope < 1.05 and 0.08 < stem < 0.16


def test_classes_and_fonts_look_different():
    """The nearest of the class means, tells the class; the factor `font` says which font drew an image."""
    train, test = (
        glyphs(2000, characters="AEO7", fonts=["DejaVuSans"]),
        glyphs(400, characters="AEO7", fonts=["DejaVuSans"], split="test"),
    )
    means = np.stack([ink(train.images)[train.factors["class"] == k].mean(0) for k in range(4)])
    nearest = ((ink(test.images)[:, None] - means) ** 2).sum((2, 3)).argmin(1)
    assert (nearest == test.factors["class"]).mean() > 0.9
    both, alone = (
        glyphs(40, characters="g", fonts=fonts, seed=2)
        for fonts in (["DejaVuSans", "STIXGeneral"], ["DejaVuSans", "DejaVuSans"])
    )
    np.testing.assert_array_equal(both.factors["slant"], alone.factors["slant"])
    difference = abs(ink(both.images) - ink(alone.images)).mean((1, 2))
    np.testing.assert_array_equal(difference > 0.01, both.factors["font"] == 1)


def test_no_glyph_touches_the_border_and_all_have_ink():
    images = np.concatenate([glyphs(1000).images, glyphs(800, characters="jWmgQ", seed=1).images])
    assert not images[:, [0, -1]].any() and not images[:, :, [0, -1]].any()
    assert ink(images).sum((1, 2)).min() > 10
    coarse, fine = (ink(glyphs(200, size=size).images).mean((1, 2)) for size in (16, 64))
    assert np.corrcoef(coarse, fine)[0, 1] > 0.99


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"samples": 0}, "at least 1 and"),
        ({"size": 4}, "at least 8 pixels"),
        ({"split": "all"}, "'train' or 'test'"),
        ({"characters": "ABA"}, "each class once"),
        ({"characters": ""}, "each class once"),
        ({"characters": "A\u4e00", "samples": 20}, "no glyph for '\u4e00'"),
        ({"characters": " "}, "no glyph for ' '"),
        ({"fonts": ["Helvetica"]}, "no font 'Helvetica'.*DejaVuSans"),
    ],
)
def test_refuses(arguments, said):
    with pytest.raises(ValueError, match=said):
        glyphs(**arguments)
