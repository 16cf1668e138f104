"""A grid of generated images, epoch by epoch."""

import numpy as np

from kgan.callbacks.film import Film
from kgan.callbacks.subjects import check_latents
from kgan.pictures import draw_cloud, image_grid


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
        check_latents(self)
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
