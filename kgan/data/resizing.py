"""One way to bring images of any size to one size, for all sources."""

import numbers


def crop_and_resize(image, size):
    """The largest centred part of a Pillow image that has the aspect of `size = (height, width)`, scaled to it by an
    antialiased bicubic filter.
    """
    from PIL import Image, ImageOps

    height, width = size
    return image if image.size == (width, height) else ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)


def is_whole(value):
    """Whether `value` is a whole number, be it an integer or a float."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and float(value).is_integer()


def height_and_width(size):
    """`(height, width)` of an integer or a pair; `ValueError` for anything that is no size in pixels."""
    pair = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    if len(pair) != 2 or any(isinstance(side, bool) or not hasattr(side, "__index__") or side < 1 for side in pair):
        raise ValueError(f"`size` must be a positive integer or a pair (height, width) of them, not {size!r}.")
    return int(pair[0]), int(pair[1])
