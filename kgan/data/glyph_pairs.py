"""Pairs of what is left of a character and the character."""

import string

import numpy as np

from kgan.data.glyphs import FONTS, glyphs
from kgan.engine.batches import Batches

CELLS = 4  # a side: at more of them, the cells determine the character
KEPT = 0.3  # of the pixels of an edge


def glyph_pairs(
    samples=10_000,
    size=32,
    source="blocks",
    characters=string.digits,
    split="train",
    batch_size=32,
    seed=0,
    fonts=FONTS,
):
    """Pairs for Pix2Pix, drawn in seconds: a source that has lost much of a character, and the character.

    A source that keeps nearly all (a whole outline) has one answer, which L1 alone finds. These leave it open what is
    between: a nearest neighbour in 8,000 sources knows the character of 0.87 of the 4x4 blocks, and its font of half of
    them.

    Args:
        samples: number of pairs.
        size: height and width in pixels, at least 8.
        source: `"blocks"`, the means of 4 x 4 cells; or `"edges"`, the pixels just outside the strokes, of which 3 in
            10 are kept at random.
        characters, fonts: what is drawn, as in `glyphs`; by default the ten digits.
        split: `"train"` or `"test"`: two independent draws from the same distribution.
        batch_size: pairs a batch.
        seed: fixes the pairs and the order of the batches.

    Returns:
        `Batches` whose `images` are the sources and whose `labels` are the targets, both uint8 `(samples, size, size,
        1)`; a batch is `(sources, targets)`, float32 in [-1, 1]. It has `factors` and `font_names` as in `glyphs`, and
        `characters`, which `factors["class"]` counts.

    Raises:
        ValueError: another `source`, and as in `glyphs`.

    Example:

    >>> train = kgan.data.glyph_pairs(1000, source="edges")
    >>> sources, targets = train[0]
    >>> sources.shape, targets.shape, train.factors["class"].shape
    ((32, 32, 32, 1), (32, 32, 32, 1), (1000,))
    """
    if source not in SOURCES:
        raise ValueError(f"`source` must be {' or '.join(map(repr, SOURCES))}, not {source!r}.")
    drawn = glyphs(samples, size, characters, seed, split=split, fonts=fonts)
    random = np.random.default_rng((seed, split == "test", 1))
    pairs = Batches(SOURCES[source](drawn.images, random), drawn.images, batch_size=batch_size, seed=seed)
    pairs.factors, pairs.font_names, pairs.characters = drawn.factors, drawn.font_names, drawn.class_names
    return pairs


def blocks(images, random=None, cells=CELLS):
    """Uint8 images of the means of `cells` x `cells` parts of images `(n, size, size, 1)`."""
    pixels = np.arange(images.shape[1])
    ends = np.linspace(0, len(pixels), cells + 1)
    # How much of each pixel lies in each cell: a side need not be a multiple of their number.
    shares = np.minimum(ends[1:, None], pixels + 1) - np.maximum(ends[:-1, None], pixels)
    shares = np.clip(shares, 0, 1) * cells / len(pixels)
    means = shares @ images[..., 0].astype("float32") @ shares.T
    cell = ((pixels + 0.5) * cells / len(pixels)).astype(int)
    return np.rint(means[:, cell][:, :, cell]).astype("uint8")[..., None]


def edges(images, random, kept=KEPT):
    """Uint8 images of the edges of images `(n, size, size, 1)`, dilation less image, without most of their pixels."""
    from scipy.ndimage import grey_dilation

    outline = grey_dilation(images, size=(1, 3, 3, 1)) - images
    return outline * (random.random(outline.shape, "float32") < kept)


SOURCES = {"blocks": blocks, "edges": edges}
