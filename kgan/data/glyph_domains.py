"""Domains of characters that differ in what each of them fixes."""

import string

import numpy as np

from kgan.data.glyphs import FONTS, draw_factors, font_path, glyphs, render
from kgan.data.resizing import is_whole
from kgan.engine.batches import Batches

OTHERS = "all fonts but the first"
# Of each kind what a domain fixes; all else is spread alike in all domains. The size leaves room for what leans and for
# what is bold.
KINDS = {
    "slant": {"upright": {"slant": 0.0}, "slanted": {"slant": 0.3}},
    "weight": {"light": {"thickness": 0.0}, "bold": {"thickness": 0.14}},
    "style": {
        "regular": {"slant": 0.0, "thickness": 0.0},
        "bold": {"slant": 0.0, "thickness": 0.14},
        "slanted": {"slant": 0.3, "thickness": 0.0},
        "bold_slanted": {"slant": 0.3, "thickness": 0.14},
    },
    "print": {"varied": {"font": OTHERS}, "plain": {"font": 0, "slant": 0.0}},
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
    """Domains of characters for games that translate without pairs, drawn in seconds.

    Each domain is a draw of its own: no character of one is a pair with one of another. What a domain does not fix is
    spread alike in all, so that a translation changes what the domains differ in and has to keep the rest and the
    class; what it should have made is known.

    Args:
        samples: number of images of each domain.
        size: height and width in pixels, at least 8.
        kind: `"slant"`, domains `upright` and `slanted` (by 0.3, an oblique has 0.2); `"weight"`, domains `light` and
            `bold` (0.14 cap heights added to each stroke); `"style"`, the four faces `regular`, `bold`, `slanted` and
            `bold_slanted` of each font; or `"print"`, domains `plain`, which has the first font, upright, and `varied`,
            which has the other ones at any slant: what is lost on the way to the former, no cycle can bring back.
        characters: the classes, as in `glyphs`; by default the ten digits. A string a domain, in a list, gives each
            domain characters of its own.
        split: `"train"` or `"test"`: two independent draws from the same distribution.
        batch_size: images of each domain a batch.
        seed: fixes the images and the orders of the batches.
        fonts: as in `glyphs`.
        counterparts: whether to draw what each image is in the other domains, too: to measure by, never to train on.
        labels: whether a batch is a pair of dicts, images and classes, as in `domains`.

    Returns:
        Unaligned `Batches` of a dict of domain to images, uint8 `(samples, size, size, 1)`; a batch is float32 in
        [-1, 1]. By domain, in the order of its images, it has `labels_by_domain`, int64 `(samples,)`, which count
        `characters`; `factors` as in `glyphs`; and `counterparts`, a dict of other domain to uint8 images (none of
        `varied`, in which a plain character could be many). `font_names` has the fonts.

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
        raise ValueError(f"`kind` must be one of {', '.join(map(repr, KINDS))}, not {kind!r}.")
    fixed = KINDS[kind]
    by_domain = [characters] * len(fixed) if isinstance(characters, str) else list(characters)
    if len(by_domain) != len(fixed):
        raise ValueError(
            f"`characters` is a string for all domains or a list of a string for each of {', '.join(fixed)}, not "
            f"{characters!r}."
        )
    samples, everything = int(samples) if is_whole(samples) else 0, "".join(dict.fromkeys("".join(by_domain)))
    for one in by_domain:
        glyphs(min(samples, 1), size, one, split=split, fonts=fonts)  # refuses what cannot be drawn
    if kind == "print" and len(fonts) < 2:
        raise ValueError("The domain 'varied' has other fonts than the first: give `fonts` two or more.")
    paths, images, factors, others = [font_path(font) for font in fonts], {}, {}, {}

    def drawn_as(name, given):
        values = {factor: value for factor, value in fixed[name].items() if value is not OTHERS}
        return given | {factor: np.full(samples, value, given[factor].dtype) for factor, value in values.items()}

    for index, (name, own) in enumerate(zip(fixed, by_domain)):
        random = np.random.default_rng((seed, split == "test", 2, index))
        first = int(fixed[name].get("font") is OTHERS)
        factors[name] = drawn_as(name, factors_of(samples, own, everything, len(fonts), random, first))
        images[name] = render(factors[name], everything, paths, int(size))
        if counterparts:
            # Of one domain in another that leaves open what the first one fixes, there are many.
            known = [other for other in fixed if other != name and fixed[name].keys() <= fixed[other].keys()]
            others[name] = {
                other: render(drawn_as(other, factors[name]), everything, paths, int(size)) for other in known
            }
    classes = {name: drawn["class"] for name, drawn in factors.items()}
    batches = Batches(images, classes if labels else None, batch_size=batch_size, seed=seed, aligned=False)
    batches.labels_by_domain = classes
    batches.factors, batches.counterparts = factors, others
    batches.characters, batches.font_names = list(everything), list(fonts)
    return batches


def factors_of(samples, own, everything, fonts, random, first=0):
    """Factors of glyphs of the characters `own`, whose classes count `everything`, of all fonts from the `first` on."""
    drawn = draw_factors(samples, len(own), fonts - first, random)
    drawn["font"] = drawn["font"] + first
    drawn["class"] = np.array([everything.index(character) for character in own])[drawn["class"]]
    drawn["size"] = random.uniform(*SIZE, samples).astype("float32")
    return drawn
