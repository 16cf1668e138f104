"""A cloud of generated points over the real modes, epoch by epoch."""

import numpy as np

from kgan.callbacks.film import Film
from kgan.callbacks.subjects import check_latents
from kgan.pictures import draw_cloud


class SampleCloud(Film):
    """Draw points of the plane generated from the same latents each time, over the modes of the data, and a film of all
    pictures at the end.

    Pictures are `<directory>/epoch-0000.png` (before training), `epoch-0001.png`, ...; the film is `film.gif`.

    Args:
        directory: where the pictures go; created if need be.
        every: epochs between pictures. The last epoch is drawn in any case.
        samples: number of points.
        centres: array `(k, 2)` of the modes, which are marked; a `kgan.data.mixture` has them as `centres`.
        seed: integer that fixes the latents.
        limits: `(low, high)` of both axes. By default a third beyond the centres, or without them the power of 2 that
            holds 99 % of the points.
        gif: whether to make the film.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written.
        ValueError: `every` or `samples` below 1, centres that are no points of the plane, or, when `fit` starts, a
            generator of something else.

    Example:

    >>> train = kgan.data.mixture("ring")
    >>> gan = kgan.GAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile()
    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.SampleCloud("cloud", centres=train.centres)])
    """

    def __init__(self, directory, every=1, samples=2000, centres=None, seed=0, limits=None, gif=True):
        super().__init__(directory, every, gif)
        self.samples, self.seed = samples, seed
        self.centres = None if centres is None else np.asarray(centres, "float32")
        if samples < 1:
            raise ValueError(f"`samples` must be at least 1, not {samples}.")
        if centres is not None and (self.centres.ndim != 2 or self.centres.shape[1] != 2):
            raise ValueError(f"`centres` are points of the plane, (k, 2), not {self.centres.shape}.")
        self.limits = around(self.centres) if limits is None and centres is not None else limits

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        check_latents(self)
        shape = self._points().shape[1:]
        if shape != (2,):
            raise ValueError(
                f"SampleCloud draws points (2,), but this generator returns samples of shape {shape}: use SampleGrid "
                f"for images."
            )

    def draw(self, epoch):
        return draw_cloud(self._points(), self.centres, self.limits, f"epoch {epoch}")

    def _points(self):
        latents = self.model.random_latents(self.samples, np.random.default_rng(self.seed))
        return self.model.generate(latents=latents, seed=self.seed)


def around(centres):
    """Limits `(low, high)` of square axes, a third wider than the `centres`."""
    low, high = float(centres.min()), float(centres.max())
    margin = (high - low) / 6 or 1.0
    return low - margin, high + margin
