"""Letters and digits drawn from matplotlib's fonts, with the factors that made each one."""

import string
from pathlib import Path

import numpy as np

from kgan.data.resizing import is_whole
from kgan.engine.batches import Batches

FONTS = ("DejaVuSans", "DejaVuSansMono", "DejaVuSerif", "STIXGeneral", "cmr10", "cmss10", "cmtt10")
SLANT, THICKNESS, SIZE = (-0.25, 0.25), (0.0, 0.12), (0.45, 0.62)
WIDEST = 1.05
SUPERSAMPLING = 2


def glyphs(
    samples=10_000,
    size=32,
    characters=string.digits + string.ascii_letters,
    seed=0,
    labels=False,
    batch_size=64,
    split="train",
    fonts=FONTS,
):
    """Images of single characters whose generating factors are known: class, font, slant, thickness and size, all
    independent of each other.

    Every image is drawn from an outline of a font that matplotlib carries, so that there is no limit to their number or
    resolution and nothing to download. Thickness is added to the strokes, then the glyph is sheared, scaled and put in
    the middle of the image. Glyphs wider than 1.05 cap heights (`W`, `m`) are condensed to that, so that none is ever
    cut. Upper and lower case of c, o, s, v, w, x, z differ in little but their height: leave one case out where a class
    must be certain.

    Args:
        samples: number of images.
        size: height and width in pixels, at least 8.
        characters: the classes, each character once. Default: 0-9, a-z, A-Z, 62 classes; balanced to within one sample.
        seed: fixes the images and the order of the batches. Same seed, same images.
        labels: whether a batch is `(images, labels)`; a label is the index in `characters`.
        batch_size: images a batch.
        split: `"train"` or `"test"`: two independent draws from the same distribution.
        fonts: names of TTF files of matplotlib. The default has seven upright regular faces, so that a font is a design
            and weight and slope stay factors of their own; `"DejaVuSans-Bold"`, `"DejaVuSerif-Italic"`,
            `"STIXGeneralBolIta"`, `"cmti10"`, ... work as well.

    Returns:
        `Batches` whose `images` are uint8 `(samples, size, size, 1)`; a batch is float32 in [-1, 1], ink 1 on a
        background of -1. It has `class_names` (characters), `font_names` and `factors`, a dict of arrays `(samples,)`
        in the order of `images`:

        - `class`: int64, index in `class_names`.
        - `font`: int64, index in `font_names`, uniform.
        - `slant`: float32, uniform in [-0.25, 0.25]: shear, the horizontal shift for each unit of height; positive
          leans right (an oblique has about 0.2).
        - `thickness`: float32, uniform in [0, 0.12]: width added to each stroke, in cap heights (0.12 makes a regular
          face bold).
        - `size`: float32, uniform in [0.45, 0.62]: cap height as a fraction of the height of the image.

    Raises:
        ValueError: no samples, a size below 8, an unknown split or font, a repeated character, or one that a font
            lacks.

    Example:

    >>> train = kgan.data.glyphs(1000, characters="ABC", labels=True)
    >>> train.factors["slant"].shape, train.class_names
    ((1000,), ['A', 'B', 'C'])
    """
    if not is_whole(samples) or samples < 1 or not is_whole(size) or size < 8:
        raise ValueError(
            f"`samples` must be an integer of at least 1 and `size` one of at least 8 pixels, not {samples!r} and "
            f"{size!r}."
        )
    if split not in ("train", "test"):
        raise ValueError(f"`split` must be 'train' or 'test', not {split!r}.")
    if not characters or len(set(characters)) != len(characters):
        raise ValueError(f"`characters` must name each class once, not {characters!r}.")
    factors = draw_factors(int(samples), len(characters), len(fonts), np.random.default_rng((seed, split == "test")))
    images = render(factors, characters, [font_path(name) for name in fonts], int(size))
    batches = Batches(
        images, factors["class"] if labels else None, batch_size=batch_size, seed=seed, class_names=list(characters)
    )
    batches.factors, batches.font_names = factors, list(fonts)
    return batches


def draw_factors(samples, classes, fonts, generator):
    """Independent factors, as `glyphs` returns them."""
    return {
        "class": generator.permutation(np.arange(samples) % classes).astype("int64"),
        "font": generator.integers(fonts, size=samples),
        "slant": generator.uniform(*SLANT, samples).astype("float32"),
        "thickness": generator.uniform(*THICKNESS, samples).astype("float32"),
        "size": generator.uniform(*SIZE, samples).astype("float32"),
    }


def font_path(name):
    """Where matplotlib keeps the font of a name."""
    import matplotlib

    folder = Path(matplotlib.get_data_path(), "fonts", "ttf")
    if not (folder / f"{name}.ttf").is_file():
        raise ValueError(
            f"matplotlib has no font {name!r}; it has {', '.join(sorted(path.stem for path in folder.glob('*.ttf')))}."
        )
    return folder / f"{name}.ttf"


def render(factors, characters, paths, size):
    """Uint8 `(n, size, size, 1)` of the factors; each outline is prepared once, for all samples that share it."""
    images = np.empty((len(factors["class"]), size, size, 1), "uint8")
    resolution = max(64, 2 * size)
    outline = factors["class"] * len(paths) + factors["font"]
    order = np.argsort(outline, kind="stable")
    for group in np.split(order, np.flatnonzero(np.diff(outline[order])) + 1):
        font, character = paths[factors["font"][group[0]]], characters[factors["class"][group[0]]]
        distances, condensed = distance_field(font, character, resolution)
        for index in group:
            slant, thickness, scale = (factors[name][index] for name in ("slant", "thickness", "size"))
            images[index, ..., 0] = draw(distances, resolution, condensed, slant, thickness, scale, size)
    return images


def distance_field(path, character, resolution):
    """Signed distance to the outline of a character, in cap heights, positive inside, and the factor that brings it to
    the greatest width allowed.

    The field is a Pillow image of floats, two cap heights of `resolution` pixels wide and high, with the glyph in the
    middle. It gives every thickness at once.
    """
    from PIL import Image, ImageDraw, ImageFont
    from scipy.ndimage import distance_transform_edt

    _, top, _, bottom = ImageFont.truetype(str(path), 1000).getbbox("H")
    font = ImageFont.truetype(str(path), 1000 * resolution / (bottom - top))
    left, top, right, bottom = font.getbbox(character)
    missing = font.getmask("\U0010ffff")
    if (
        right <= left
        or bottom <= top
        or (font.getmask(character).size == missing.size and bytes(font.getmask(character)) == bytes(missing))
    ):
        raise ValueError(
            f"The font {path.stem} has no glyph for {character!r}: "
            "leave the one out of `fonts` or the other out of `characters`."
        )
    mask = Image.new("L", (2 * resolution, 2 * resolution))
    ImageDraw.Draw(mask).text(
        (resolution - (left + right) / 2, resolution - (top + bottom) / 2), character, fill=255, font=font
    )
    inside = np.asarray(mask) >= 128
    distances = (
        np.where(inside, distance_transform_edt(inside) - 0.5, 0.5 - distance_transform_edt(~inside)) / resolution
    )
    return Image.fromarray(distances.astype("float32")), min(1.0, WIDEST * resolution / (right - left))


def draw(distances, resolution, condensed, slant, thickness, scale, size):
    """One image `(size, size)`, uint8, drawn finer and averaged down."""
    from PIL import Image

    fine = SUPERSAMPLING * size
    cap_height, centre = scale * fine, fine / 2
    step = resolution / cap_height
    across, lean = step / condensed, slant * step / condensed
    sheared = (across, lean, resolution - (across + lean) * centre, 0, step, resolution - step * centre)
    field = distances.transform(
        (fine, fine), Image.Transform.AFFINE, sheared, Image.Resampling.BILINEAR, fillcolor=-1.0
    )
    ink = np.clip((np.asarray(field) + thickness / 2) * cap_height + 0.5, 0, 1)
    return np.rint(ink.reshape(size, SUPERSAMPLING, size, SUPERSAMPLING).mean((1, 3)) * 255)
