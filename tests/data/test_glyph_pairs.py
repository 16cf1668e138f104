import numpy as np
import pytest

from kgan.data import glyph_pairs, glyphs
from kgan.data.glyph_pairs import blocks, edges


@pytest.mark.parametrize("source", ["blocks", "edges"])
def test_a_pair_is_what_is_left_of_a_character_and_the_character(source):
    pairs = glyph_pairs(60, size=20, source=source, batch_size=8)
    assert pairs.images.shape == pairs.labels.shape == (60, 20, 20, 1)
    assert pairs.images.dtype == pairs.labels.dtype == np.uint8
    np.testing.assert_array_equal(pairs.labels, glyphs(60, 20, "0123456789").images)
    assert pairs.characters == list("0123456789") and len(pairs.factors["class"]) == 60 and len(pairs.font_names) == 7
    sources, targets = pairs[0]
    assert sources.shape == targets.shape == (8, 20, 20, 1) and sources.dtype == np.float32
    assert sources.min() >= -1 and sources.max() > -0.5 and targets.max() == 1


@pytest.mark.parametrize("source", ["blocks", "edges"])
def test_pairs_are_fixed_by_the_seed_and_the_split(source):
    given = ({}, {}, {"seed": 1}, {"split": "test"})
    one, same, other, test = (glyph_pairs(20, size=16, source=source, **options) for options in given)
    np.testing.assert_array_equal(one.images, same.images)
    assert (one.images != other.images).any() and (one.images != test.images).any()
    assert not set(one.factors["size"]) & set(test.factors["size"])


@pytest.mark.parametrize("size", [8, 28, 30, 33])
def test_blocks_are_means(size):
    images = np.random.default_rng(0).integers(256, size=(5, size, size, 1)).astype("uint8")
    made = blocks(images)
    assert all(len(np.unique(image)) <= 16 for image in made)
    np.testing.assert_allclose(made.mean((1, 2, 3)), images.mean((1, 2, 3)), atol=8 if size % 4 else 0.5)
    if size % 4 == 0:
        cell = size // 4
        np.testing.assert_allclose(
            made[:, :cell, :cell, 0].max((1, 2)), images[:, :cell, :cell, 0].mean((1, 2)), atol=0.51
        )


def test_edges_lie_just_outside_the_strokes_and_most_are_dropped():
    images = np.zeros((200, 12, 12, 1), "uint8")
    images[:, 4:8, 4:8] = 255
    whole = edges(images, np.random.default_rng(0), kept=1.0)
    assert (whole[0] > 0).sum() == 6 * 6 - 4 * 4 and not whole[:, 4:8, 4:8].any()
    some = edges(images, np.random.default_rng(0))
    assert not (some & ~whole).any() and abs((some > 0).sum() / (whole > 0).sum() - 0.3) < 0.03


def test_refuses():
    with pytest.raises(ValueError, match="'blocks' or 'edges', not 'outline'"):
        glyph_pairs(4, source="outline")
    with pytest.raises(ValueError, match="at least 8 pixels"):
        glyph_pairs(4, size=4)
