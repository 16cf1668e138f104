"""Two domains of characters that differ in one factor."""

import string

import numpy as np

from kgan.data.glyphs import FONTS, draw_factors, font_path, glyphs, render
from kgan.data.resizing import is_whole
from kgan.engine.batches import Batches

# Of each kind: the factor, and what it is in each domain. The size leaves room for what leans and for what is bold.
KINDS = {
    "slant": ("slant", {"upright": 0.0, "slanted": 0.3}),
    "weight": ("thickness", {"light": 0.0, "bold": 0.14}),
}
SIZE = (0.45, 0.58)


def glyph_domains(
    samples=5_000,
    size=32,
    kind="slant",
    characters=string.digits,
    split="train",
    batch_size=32,
    seed=0,
    fonts=FONTS,
    counterparts=False,
    labels=False,
):
    """Two domains for CycleGAN, drawn in seconds: characters upright and slanted, or light and bold.

    Each domain is a draw of its own: no character of one is a pair with one of the other. All other factors are spread
    alike in both, so that a translation changes the one factor and has to keep them and the class; what it should have
    made is known.

    Args:
        samples: number of images of each domain.
        size: height and width in pixels, at least 8.
        kind: `"slant"`, domains `upright` and `slanted` (by 0.3, an oblique has 0.2); or `"weight"`, domains `light`
            and `bold` (0.14 cap heights added to each stroke).
        characters: the classes, as in `glyphs`; by default the ten digits. Two strings give each domain characters of
            its own.
        split: `"train"` or `"test"`: two independent draws from the same distribution.
        batch_size: images of each domain a batch.
        seed: fixes the images and the orders of the batches.
        fonts: as in `glyphs`.
        labels: whether a batch is a pair of dicts, images and classes, as in `domains`.
        counterparts: whether to draw what each image is in the other domain, too: to measure by, never to train on.

    Returns:
        Unaligned `Batches` of a dict of domain to images, uint8 `(samples, size, size, 1)`; a batch is float32 in
        [-1, 1]. By domain, in the order of its images, it has `labels_by_domain`, int64 `(samples,)`, which count
        `characters`; `factors` as in `glyphs`; and `counterparts`, uint8 images. `font_names` has the fonts.

    Raises:
        ValueError: another `kind`, and as in `glyphs`.

    Example:

    >>> train = kgan.data.glyph_domains(1000, kind="weight")
    >>> {name: part.shape for name, part in train[0].items()}
    {'light': (32, 32, 32, 1), 'bold': (32, 32, 32, 1)}
    >>> train.labels_by_domain["bold"].shape
    (1000,)
    """
    if kind not in KINDS:
        raise ValueError(f"`kind` must be {' or '.join(map(repr, KINDS))}, not {kind!r}.")
    factor, values = KINDS[kind]
    by_domain = [characters, characters] if isinstance(characters, str) else list(characters)
    if len(by_domain) != 2:
        raise ValueError(f"`characters` is a string for both domains or two strings, not {characters!r}.")
    samples, everything = int(samples) if is_whole(samples) else 0, "".join(dict.fromkeys("".join(by_domain)))
    for one in by_domain:
        glyphs(min(samples, 1), size, one, split=split, fonts=fonts)  # refuses what cannot be drawn
    images, factors, others = {}, {}, {}
    for index, ((name, value), own) in enumerate(zip(values.items(), by_domain)):
        random = np.random.default_rng((seed, split == "test", 2, index))
        drawn = factors_of(samples, own, everything, len(fonts), random) | {factor: np.full(samples, value, "float32")}
        factors[name], paths = drawn, [font_path(font) for font in fonts]
        images[name] = render(drawn, everything, paths, int(size))
        if counterparts:
            other = sum(values.values()) - value
            changed = drawn | {factor: np.full(samples, other, "float32")}
            others[name] = render(changed, everything, paths, int(size))
    classes = {name: drawn["class"] for name, drawn in factors.items()}
    batches = Batches(images, classes if labels else None, batch_size=batch_size, seed=seed, aligned=False)
    batches.labels_by_domain = classes
    batches.factors, batches.counterparts = factors, others
    batches.characters, batches.font_names = list(everything), list(fonts)
    return batches


def factors_of(samples, own, everything, fonts, random):
    """Factors of glyphs of the characters `own`, whose classes count `everything`."""
    drawn = draw_factors(samples, len(own), fonts, random)
    drawn["class"] = np.array([everything.index(character) for character in own])[drawn["class"]]
    drawn["size"] = random.uniform(*SIZE, samples).astype("float32")
    return drawn
