"""Generated images beside the real ones that are nearest to them."""

import numpy as np

from kgan.callbacks.distances import nearest, vectors
from kgan.callbacks.film import Film
from kgan.callbacks.real_samples import RealSamples
from kgan.callbacks.sentences import say
from kgan.callbacks.subjects import check_latents
from kgan.pictures import check_images, image_grid


class NearestNeighbours(Film):
    """Draw generated images, each beside its nearest real ones, and say whether the generator copies.

    The first column is generated, from the same latents each time; in each row follow the nearest real images, the
    nearest first. Printed are the mean distance from a generated image to the nearest real one, the same from a real
    image to the nearest *other* one, and their ratio: `ratio` around 1 is what new samples of the same distribution
    have, a ratio well below 1 is the mark of copies. Pixel distance is also small for blurred or empty images, and
    large for a copy that is shifted: look at the sheet, or give `features`. Nothing is printed of the generator before
    training.

    Pictures are `<directory>/epoch-0000.png` (before training), `epoch-0010.png`, ... No more than 1024 images at a
    time are compared, so memory does not grow with the data; the time does: each picture goes through all real images
    once.

    Args:
        directory: where the pictures go; created if need be.
        real: the training images: array `(n, height, width, 1 or 3)` float32 in [-1, 1], or a `kgan.data` set.
        every: epochs between pictures. The last epoch is drawn in any case.
        rows: generated images on the sheet.
        neighbours: real images beside each.
        samples: generated images, and as many real ones, over which distances are averaged; at least `rows` (all real
            ones where there are fewer).
        features: Keras model of images to vectors or maps, in whose output distances are taken; None for pixels
            (Euclidean, on the scale [-1, 1]).
        seed: integer that fixes the latents and the choice of real images.
        labels: for conditional variants: classes to generate, repeated as often as need be. None for all others.
        gif: whether to make a film of the sheets.

    Attributes:
        generated_distance, real_distance, ratio: of the last picture.

    Raises:
        OSError: when `fit` starts: the directory cannot be created or written.
        TypeError: real samples that are neither an array nor a `kgan.data` set.
        ValueError: `every`, `rows` or `neighbours` below 1, fewer samples than rows, real images not more than
            `neighbours`; or, when `fit` starts, a generator of anything but images like the real ones.

    Example:

    >>> gan.fit(train, epochs=20, callbacks=[kgan.callbacks.NearestNeighbours("neighbours", train)])
    """

    def __init__(
        self,
        directory,
        real,
        every=10,
        rows=8,
        neighbours=7,
        samples=200,
        features=None,
        seed=0,
        labels=None,
        gif=False,
    ):
        super().__init__(directory, every, gif)
        if rows < 1 or neighbours < 1 or samples < rows:
            raise ValueError(
                f"There must be at least 1 row, 1 neighbour and as many samples as rows, not {rows}, {neighbours} and "
                f"{samples}."
            )
        self.real = RealSamples(real, neighbours + 1, "NearestNeighbours")
        self.rows, self.neighbours, self.samples, self.features, self.seed = rows, neighbours, samples, features, seed
        self.labels = None if labels is None else np.resize(labels, samples)
        self.generated_distance = self.real_distance = self.ratio = None

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        check_latents(self)
        images = self._generated()
        check_images("NearestNeighbours", images.shape[1:])
        self.real.check_like(images, "NearestNeighbours")
        chosen = np.random.default_rng(self.seed).choice(
            len(self.real), min(self.samples, len(self.real)), replace=False
        )
        _, found = nearest(
            vectors(self.real[chosen], self.features), 1, self.real.blocks(self.features), themselves=chosen
        )
        self.real_distance = float(found.mean())

    def draw(self, epoch):
        images = self._generated()
        indices, found = nearest(vectors(images, self.features), self.neighbours, self.real.blocks(self.features))
        self.generated_distance = float(found[:, 0].mean())
        self.ratio = self.generated_distance / self.real_distance if self.real_distance else float("inf")
        if epoch:
            where = "pixels" if self.features is None else f"features of {self.features.name}"
            say(
                self,
                f"Nearest real neighbours, epoch {epoch}: {self.generated_distance:.3f} from generated images, "
                f"{self.real_distance:.3f} between real ones (mean distance in {where}); ratio {self.ratio:.2f}, "
                f"where copies have a ratio near 0.",
            )
        sheet = np.stack(
            [np.concatenate([image[None], self.real[row]]) for image, row in zip(images[: self.rows], indices)]
        )
        return apart(
            image_grid(sheet.reshape(-1, *images.shape[1:]), self.rows, 1 + self.neighbours), 1 + self.neighbours
        )

    def _generated(self):
        latents = self.model.random_latents(self.samples, np.random.default_rng(self.seed))
        labels = {} if self.labels is None else {"labels": self.labels}
        # Without labels a conditional game draws classes at random here: the same each time.
        return self.model.generate(latents=latents, seed=self.seed, **labels)


def apart(grid, columns, gap=10):
    """`grid`, a picture of so many columns, with a wider gap after the first."""
    from PIL import Image

    pixels = np.asarray(grid)
    first = (pixels.shape[1] - 2) // columns + 1  # image_grid's gap of 2 stands before each column and after the last
    white = np.full((len(pixels), gap, *pixels.shape[2:]), 255, "uint8")
    return Image.fromarray(np.concatenate([pixels[:, :first], white, pixels[:, first:]], axis=1))
