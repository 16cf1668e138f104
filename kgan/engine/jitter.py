"""Pictures that are moved and mirrored, the same way in every process."""

import numpy as np


class Jitter:
    """How pictures of a data set are moved and mirrored: a table of it is drawn each epoch, a row a sample.

    Args:
        pixels: by how many pixels a picture is moved at most, up, down, left and right.
        flip: whether pictures are mirrored with probability 1/2.

    Raises:
        ValueError: `pixels` below 0.
    """

    def __init__(self, pixels=0, flip=False):
        if pixels != int(pixels) or pixels < 0:
            raise ValueError(f"`jitter` is a whole number of pixels of at least 0, not {pixels}.")
        self.pixels, self.flip = int(pixels), bool(flip)

    def __bool__(self):
        return self.pixels > 0 or self.flip

    @property
    def columns(self):
        """Width of the table: moves down and right, and whether to mirror; 0 where nothing is moved."""
        return 3 if self else 0

    def check(self, streams, aligned):
        """Raise where `streams`, a dict of name to array, cannot be moved."""
        sizes = {name: array.shape[1:3] for name, array in streams.items() if array.ndim == 4}
        if self and not sizes:
            raise ValueError("`jitter` and `flip` are for pictures (n, height, width, channels): leave them out.")
        if self.pixels and aligned and len(set(sizes.values())) > 1:
            found = " and ".join(f"{height}x{width}" for height, width in sizes.values())
            raise ValueError(
                f"Pictures that belong together are moved together, but they have the sizes {found}: make them of one "
                "size, or leave `jitter` out."
            )

    def drawn(self, count, random):
        """Moves down and right and whether to mirror, int64 `(count, 3)`; `(count, 0)` where nothing is moved."""
        if not self:
            return np.zeros((count, 0), "int64")
        moves = random.integers(-self.pixels, self.pixels, (count, 2), endpoint=True)
        return np.concatenate([moves, random.integers(2, size=(count, 1)) * self.flip], axis=1)

    def taken(self, array, plan):
        """The rows of a stream that `plan`, a part of `Batches.plan`, names; pictures moved and mirrored by it."""
        rows = array[plan[:, 0]]
        if not self or array.ndim != 4:
            return rows
        y, x = self.places(plan, *array.shape[1:3])
        return rows[np.arange(len(rows))[:, None, None], y[:, :, None], x[:, None, :]]

    @staticmethod
    def places(plan, height, width, clip=np.clip):
        """Which row and which column of its picture each pixel comes from, `(n, height)` and `(n, width)`; of numpy
        arrays, or of tensors with their `clip`.
        """
        columns = np.arange(width)[None]
        mirrored = columns + plan[:, 3:4] * (width - 1 - 2 * columns)
        down, right = plan[:, 1:2], plan[:, 2:3]
        return clip(np.arange(height)[None] - down, 0, height - 1), clip(mirrored - right, 0, width - 1)
