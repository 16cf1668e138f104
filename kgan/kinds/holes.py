"""Holes in images: the laws by which a step draws them, and masks that are given."""

import base64
import numbers

import keras
import numpy as np
from keras import ops

PLACES = ("random", "center")


class Holes:
    """A law of holes; one of your own is a subclass, with a `get_config` that has its arguments, and registered with
    Keras where a saved game is to be loaded.
    """

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def check(self, height, width):
        """Raise a `ValueError` where such holes do not fit into images of these sides, None where they are free."""

    def draw(self, count, height, width, seed):
        """Masks float32 `(count, height, width, 1)`, 1 where pixels are missing, tensors of the backend, from a
        `keras.random.SeedGenerator`.
        """
        raise NotImplementedError


@keras.saving.register_keras_serializable(package="kgan")
class Rectangle(Holes):
    """A rectangle of one size in each image.

    Args:
        height, width: its sides in pixels.
        place: `"random"` (default), drawn for each image, all of it inside; or `"center"`.

    Raises:
        ValueError: sides below 1; another place.

    Example:

    >>> hole = kgan.kinds.Rectangle(2, 3, place="center")
    >>> keras.ops.convert_to_numpy(hole.draw(1, 4, 5, None))[0, ..., 0]
    array([[0., 0., 0., 0., 0.],
           [0., 1., 1., 1., 0.],
           [0., 1., 1., 1., 0.],
           [0., 0., 0., 0., 0.]], dtype=float32)
    """

    def __init__(self, height, width, place="random"):
        if any(not isinstance(side, numbers.Integral) or side < 1 for side in (height, width)):
            raise ValueError(f"A hole's sides are whole numbers of at least 1, not {height!r} and {width!r}.")
        if place not in PLACES:
            raise ValueError(f"`place` is 'random' or 'center', not {place!r}.")
        self.height, self.width, self.place = int(height), int(width), place

    def get_config(self):
        return {"height": self.height, "width": self.width, "place": self.place}

    def check(self, height, width):
        sides = [(self.height, height), (self.width, width)]
        inside = all(side is None or length <= side for length, side in sides)
        if not inside or all(length == side for length, side in sides):
            half = tuple(length if side is None else max(1, side // 2) for length, side in sides)
            raise ValueError(
                f"A hole of {self.height}x{self.width} pixels leaves nothing of images of {height}x{width}: choose a "
                f"smaller one, `hole={half}`."
            )

    def draw(self, count, height, width, seed):
        rows, columns = self._span(count, height, self.height, seed), self._span(count, width, self.width, seed)
        return ops.cast(ops.logical_and(rows[:, :, None, None], columns[:, None, :, None]), "float32")

    def _span(self, count, side, length, seed):
        """Which places of a side are in the hole, bool `(count, side)`."""
        room = ops.cast(side - length, "float32")
        if self.place == "center":
            start = ops.floor(room / 2) + ops.zeros((count, 1), "float32")
        else:
            drawn = keras.random.uniform((count, 1), seed=seed, dtype="float32")
            start = ops.minimum(ops.floor(drawn * (room + 1)), room)
        places = ops.arange(side, dtype="float32")[None] - start
        return ops.logical_and(places >= 0, places < length)


@keras.saving.register_keras_serializable(package="kgan")
class Masks(Holes):
    """In each image one of these holes, of any shape.

    Args:
        masks: array `(n, height, width)` or `(n, height, width, 1)`, bool or of 0 and 1: where pixels are missing. They
            are saved with the game, a bit a pixel.

    Raises:
        ValueError: arrays of other shapes or values; masks that cover all of an image or nothing.

    Example:

    >>> masks = np.random.default_rng(0).uniform(size=(100, 28, 28)) < 0.5
    >>> keras.ops.shape(kgan.kinds.Masks(masks).draw(8, 28, 28, keras.random.SeedGenerator(0)))
    (8, 28, 28, 1)
    """

    def __init__(self, masks):
        self.masks = as_masks(masks)

    def get_config(self):
        return {"shape": list(self.masks.shape), "bits": base64.b64encode(np.packbits(self.masks)).decode()}

    @classmethod
    def from_config(cls, config):
        bits = np.frombuffer(base64.b64decode(config["bits"]), "uint8")
        return cls(np.unpackbits(bits, count=int(np.prod(config["shape"]))).reshape(config["shape"]))

    def check(self, height, width):
        _, rows, columns, _ = self.masks.shape
        if height not in (None, rows) or width not in (None, columns):
            raise ValueError(
                f"These masks are of {rows}x{columns} pixels, and the images of {height}x{width}: draw the masks at "
                "the images' size."
            )

    def draw(self, count, height, width, seed):
        index = ops.floor(keras.random.uniform((count,), seed=seed, dtype="float32") * len(self.masks))
        index = ops.cast(ops.minimum(index, len(self.masks) - 1), "int32")
        return ops.take(ops.convert_to_tensor(self.masks.astype("float32")), index, axis=0)


def get(hole, sides):
    """The law of holes in images of these `(height, width)`, None where free, that an argument `hole` asks for.

    Raises:
        ValueError: what is no law and no pair of sides; holes that do not fit; none where the sides are free.
    """
    if hole is None:
        if None in sides:
            raise ValueError(
                "The generator leaves the images' sides free: say how large holes are, `hole=(height, width)`."
            )
        hole = [max(1, side // 2) for side in sides]
    if isinstance(hole, (tuple, list)) and len(hole) == 2 and not np.ndim(hole[0]):
        hole = Rectangle(*hole)
    if not isinstance(hole, Holes):
        cure = "masks are given as `kgan.kinds.Masks(masks)`" if np.ndim(hole) > 1 else "such as `kgan.kinds.Rectangle`"
        raise ValueError(f"`hole` is (height, width) or a law of holes, not {type(hole).__name__}: {cure}.")
    hole.check(*sides)
    return hole


def as_masks(masks, images=None):
    """Masks as bool `(n, height, width, 1)`, True where pixels are missing.

    Args:
        masks: array `(n, height, width)` or `(n, height, width, 1)`, bool or of 0 and 1; beside images also one
            `(height, width)` for all.
        images: shape `(n, height, width, channels)` of the images that they belong to, None for masks alone.

    Raises:
        ValueError: masks of other shapes or values, or that cover all of an image or nothing.
    """
    masks = np.asarray(masks)
    shape, one = masks.shape, masks.ndim == 2 and images is not None
    masks = masks[None] if one else masks
    masks = masks[..., None] if masks.ndim == 3 else masks
    fits = masks.ndim == 4 and masks.shape[-1] == 1 and len(masks)
    if fits and images is not None:
        fits = masks.shape[:3] == (1 if one else images[0], *images[1:3])
    if not fits:
        raise ValueError(misfit(shape, images))
    if masks.dtype.kind not in "biuf":
        raise ValueError(f"Masks are bool, True where a pixel is missing, not {masks.dtype}.")
    check_coverage(masks, one)
    check_values(masks)
    masks = masks.astype(bool)
    return masks if images is None else np.broadcast_to(masks, (*images[:3], 1))


def misfit(shape, images):
    """The sentence on masks of a shape that does not fit the images'."""
    if images is None:
        hint = ": write `masks[None]`" if len(shape) == 2 else ""
        return f"Masks are an array (n, height, width), at least one, not one of shape {shape}{hint}."
    count, height, width, _ = images
    wanted = f"{(count, height, width)}, or {(height, width)} of one for all"
    hint = ""
    if shape[:3] == (count, height, width):
        hint = ": write `masks.any(-1)` for pixels of which any channel is missing"
    elif np.prod(shape) == height * width and (height, width) in (shape[:2], shape[1:3]):
        hint = f": write `masks.reshape{(height, width)}`"
    elif shape[-2:] != (height, width) and shape[1:3] != (height, width):
        hint = ": draw them at the images' size"
    return f"Masks of these images have shape {wanted}, not {shape}{hint}."


def check_values(masks):
    """Raise where masks, of which none is the same everywhere, hold other numbers than 0 and 1."""
    if masks.dtype.kind == "b" or np.isin(masks, (0, 1)).all():
        return
    finite = masks[np.isfinite(masks)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    middle = (low + high) / 2 if low < high else low - 0.5
    raise ValueError(
        f"Masks hold 0 where a pixel is given and 1 where it is missing, but these have other values, from {low:g} to "
        f"{high:g}: write `masks > {middle!r}` if the larger ones stand for what is missing."
    )


def check_coverage(masks, one):
    """Raise where one of the masks is the same everywhere; `one` if it is the only one of all images."""
    flat = masks.reshape(len(masks), -1)
    uniform = np.flatnonzero((flat == flat[:, :1]).all(1))
    if not len(uniform):
        return
    words = "all of its image: nothing is left to go by" if flat[uniform[0], 0] else "nothing of its image"
    which = "The mask" if one else f"Mask {uniform[0]}"
    cure = (
        "choose one that covers a part"
        if one
        else "leave such images out, `images[keep], masks[keep]` with `keep = masks.reshape(len(masks), -1).std(1) > 0`"
    )
    raise ValueError(f"{which} covers {words}; {cure}.")
