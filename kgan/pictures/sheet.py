"""Sheets of translations: what went in, what came out and what should have, side by side."""

import numpy as np

from kgan.pictures.grid import check_images, image_grid


def draw_sheet(columns, side=700):
    """A picture with a row for each sample and a named column for each thing shown of it.

    Args:
        columns: dict of name to images `(n, height, width, 1 or 3)` in [-1, 1], equally many; sizes and channels may
            differ between columns: smaller images are enlarged, grey ones stand beside colours.
        side: pixels that its longer side has about, where the images are small enough.

    Returns:
        `PIL.Image.Image`, grey or RGB.

    Raises:
        ValueError: samples that are no images of 1 or 3 channels; columns of different lengths.

    Example:

    >>> sheet = kgan.pictures.draw_sheet({"source": np.zeros((2, 8, 8, 1)), "made": np.ones((2, 16, 16, 3))})
    >>> sheet.mode
    'RGB'
    """
    images = {name: np.asarray(part, "float32") for name, part in columns.items()}
    for part in images.values():
        check_images("A sheet", part.shape[1:])
    if len({len(part) for part in images.values()}) > 1:
        found = ", ".join(f"{len(part)} of {name!r}" for name, part in images.items())
        raise ValueError(
            f"A sheet shows equally many samples in each column, not {found}: take the first ones of each."
        )
    height, width = (max(part.shape[axis] for part in images.values()) for axis in (1, 2))
    channels = max(part.shape[-1] for part in images.values())
    cells = np.stack([fitted(part, height, width, channels) for part in images.values()], axis=1)
    rows = len(cells)
    return image_grid(cells.reshape(-1, height, width, channels), rows, len(images), side, column_names=list(images))


def fitted(images, height, width, channels):
    """Images of another size and number of channels: enlarged by a whole factor without interpolation, in the middle of
    a black ground; grey as colours.
    """
    factor = max(1, min(height // images.shape[1], width // images.shape[2]))
    images = images.repeat(factor, axis=1).repeat(factor, axis=2)
    spare = [(0, 0), *((room // 2, room - room // 2) for room in (height - images.shape[1], width - images.shape[2]))]
    images = np.pad(images, [*spare, (0, 0)], constant_values=-1.0)
    return np.repeat(images, channels // images.shape[-1], axis=-1)
