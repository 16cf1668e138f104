"""Grids of images."""

import numpy as np


def check_images(owner, shape):
    """Raise where samples of `shape` are no images that can be drawn."""
    if len(shape) != 3 or shape[-1] not in (1, 3):
        raise ValueError(
            f"{owner} draws images (height, width, 1 or 3 channels), but this generator returns samples of shape "
            f"{shape}: leave it out."
        )


def image_grid(images, rows, columns, side=500, gap=2, row_names=None, column_names=None):
    """A picture of `rows` x `columns` images.

    Args:
        images: array `(rows * columns, height, width, 1 or 3)` in [-1, 1], row by row.
        rows, columns: of the grid.
        side: pixels that its longer side has about, where the images are small enough.
        gap: pixels between images.
        row_names, column_names: what is written to the left of each row and above each column; None for nothing.

    Returns:
        `PIL.Image.Image`, grey or RGB.
    """
    from PIL import Image

    pixels = np.nan_to_num(np.clip((np.asarray(images, "float32") + 1) * 127.5, 0, 255)).round().astype("uint8")
    _, height, width, channels = pixels.shape
    scale = max(1, round(side / max(rows * height, columns * width)))
    pixels = (
        pixels.repeat(scale, axis=1)
        .repeat(scale, axis=2)
        .reshape(rows, columns, height * scale, width * scale, channels)
    )
    pixels = np.pad(pixels, [(0, 0), (0, 0), (gap, 0), (gap, 0), (0, 0)], constant_values=255)
    grid = pixels.transpose(0, 2, 1, 3, 4).reshape(
        rows * (height * scale + gap), columns * (width * scale + gap), channels
    )
    grid = np.pad(grid, [(0, gap), (0, gap), (0, 0)], constant_values=255)
    picture = Image.fromarray(grid[..., 0] if channels == 1 else grid)
    return named(picture, row_names or [], column_names or [], height * scale + gap, width * scale + gap)


def named(picture, row_names, column_names, height, width):
    """A grid on a larger white ground, with names beside its rows, each `height` pixels high, and above its columns;
    where one is wider than a column, the latter stand upright.
    """
    from PIL import Image, ImageDraw, ImageFont

    if not row_names and not column_names:
        return picture
    font, space = ImageFont.load_default(), 4
    boxes = {name: font.getbbox(name) for name in map(str, (*row_names, *column_names))}
    upright = any(boxes[str(name)][2] > width for name in column_names)
    left = max((boxes[str(name)][2] + 2 * space for name in row_names), default=0)
    top = max((boxes[str(name)][2 if upright else 3] + 2 * space for name in column_names), default=0)
    ground = Image.new(picture.mode, (picture.width + left, picture.height + top), "white")
    ground.paste(picture, (left, top))
    draw = ImageDraw.Draw(ground)
    for index, name in enumerate(map(str, row_names)):
        draw.text((left - space, top + (index + 0.5) * height), name, "black", font, anchor="rm")
    for index, name in enumerate(map(str, column_names)):
        middle = left + (index + 0.5) * width
        if not upright:
            draw.text((middle, top - space), name, "black", font, anchor="ms")
            continue
        text = Image.new("L", boxes[name][2:])
        ImageDraw.Draw(text).text((0, 0), name, 255, font)
        text = text.rotate(90, expand=True)
        ground.paste("black", (round(middle - text.width / 2), top - space - text.height), text)
    return ground
