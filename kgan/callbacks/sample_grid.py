"""A grid of generated images, epoch by epoch."""

import numpy as np

from kgan.callbacks.film import Film
from kgan.callbacks.sample_cloud import draw_cloud


class SampleGrid(Film):
    """Draw images generated from the same latents each time, as a grid, and a film of all grids at the end.

    Grids are `<directory>/epoch-0000.png` (before training), `epoch-0001.png`, ...; the film is `film.gif`. Small
    images are enlarged, without interpolation, such that a grid has about 500 pixels a side. With an average kept
    (`EMA`), it is the average that is drawn. Where the generator makes points in the plane, they are drawn as
    `SampleCloud` does.

    Args:
        directory: where the pictures go; created if need be.
        every: epochs between pictures. The last epoch is drawn in any case.
        rows, columns: of the grid.
        seed: integer that fixes the latents.
        labels: for conditional variants: the class of each row (`rows` is then their number); a column shares its
            latent. None for all others.
        gif: whether to make the film.
        names: what is written beside each row, such as the names of the classes; None for nothing.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written.
        ValueError: `every`, `rows` or `columns` below 1, or another number of names than of rows; or, when `fit`
            starts, images of neither 1 nor 3 channels.

    Example:

    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.SampleGrid("samples")])
    """

    def __init__(self, directory, every=1, rows=8, columns=8, seed=0, labels=None, gif=True, names=None):
        super().__init__(directory, every, gif)
        self.labels = None if labels is None else np.asarray(labels)
        self.rows, self.columns, self.seed = rows if labels is None else len(self.labels), columns, seed
        if self.rows < 1 or columns < 1:
            raise ValueError(f"A grid has at least 1 row and 1 column, not {self.rows} and {columns}.")
        self.names = names
        if names is not None and len(names) != self.rows:
            raise ValueError(f"Each of {self.rows} rows has a name, or none has one, but there are {len(names)} names.")

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        shape = self._samples().shape[1:]
        if shape != (2,) and (len(shape) != 3 or shape[-1] not in (1, 3)):
            raise ValueError(
                f"SampleGrid draws images (height, width, 1 or 3 channels) or points (2,), but this generator returns "
                f"samples of shape {shape}: leave it out."
            )

    def draw(self, epoch):
        samples = self._samples()
        if samples.ndim == 2:
            return draw_cloud(self.model.generate(latents=self._latents(2000), seed=self.seed), title=f"epoch {epoch}")
        return image_grid(samples, self.rows, self.columns, row_names=self.names)

    def _latents(self, count):
        return self.model.random_latents(count, np.random.default_rng(self.seed))

    def _samples(self):
        if self.labels is None:
            # A conditional game draws classes at random here: the same each time.
            return self.model.generate(latents=self._latents(self.rows * self.columns), seed=self.seed)
        latents = self._latents(self.columns)
        return self.model.generate(
            latents=np.tile(latents, (self.rows, 1)), labels=np.repeat(self.labels, self.columns, axis=0)
        )


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
    """A grid on a larger white ground, with names beside its rows, each `height` pixels high, and above its columns."""
    from PIL import Image, ImageDraw, ImageFont

    if not row_names and not column_names:
        return picture
    font, space = ImageFont.load_default(), 4
    boxes = {name: font.getbbox(name) for name in map(str, (*row_names, *column_names))}
    left = max((boxes[str(name)][2] + 2 * space for name in row_names), default=0)
    top = max((boxes[str(name)][3] + 2 * space for name in column_names), default=0)
    ground = Image.new(picture.mode, (picture.width + left, picture.height + top), "white")
    ground.paste(picture, (left, top))
    draw = ImageDraw.Draw(ground)
    for index, name in enumerate(map(str, row_names)):
        draw.text((left - space, top + (index + 0.5) * height), name, "black", font, anchor="rm")
    for index, name in enumerate(map(str, column_names)):
        draw.text((left + (index + 0.5) * width, top - space), name, "black", font, anchor="ms")
    return ground
