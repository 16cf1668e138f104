"""What translators need beside the harness: sources and targets, players that turn one into the other, and a toy."""

import keras
import numpy as np
from harness import VariantTests, images

layers = keras.layers
SHIFT = np.array([1.5, -1.0], "float32")


def translator(shape, channels, dropout=0.0):
    """A convolutional network of images of `shape` to images of as many pixels and `channels`."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            *([layers.Dropout(dropout)] if dropout else []),
            layers.Dense(channels, activation="tanh"),  # of each pixel, see below
        ]
    )


def patches(shape, dropout=0.0):
    """A discriminator of images to a map of logits."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 4, 2, "same"),
            layers.BatchNormalization(momentum=0.9),
            layers.LeakyReLU(0.2),
            *([layers.Dropout(dropout)] if dropout else []),
            # A logit of each place. PyTorch lacks some gradients of convolutions to one channel: for batches of one,
            # and in float16 on processors without it.
            layers.Dense(1),
        ]
    )


def moved(points):
    """Where a toy's points have their targets: turned by a quarter, and moved."""
    return points[:, ::-1] * np.array([-1, 1], "float32") + SHIFT


class TranslationTests(VariantTests):
    """A picture goes in, another of two channels comes out."""

    channels = 2

    def inputs(self, count, shape=(8, 8, 1)):
        return [images(count, shape, seed=1)]

    def made(self, model, count, shape=(8, 8, 1)):
        return self.answer(model, self.inputs(count, shape))

    def answer(self, model, inputs):
        return model.translate(inputs[0])

    def made_shape(self, shape):
        return (*shape[:2], self.channels)

    def target(self, samples):
        """The other side of samples: the places of points, turned and moved; the negative of pictures."""
        if samples.ndim == 2:
            return moved(samples)
        negative = 255 - samples if samples.dtype == "uint8" else -samples
        return np.repeat(negative[..., :1], self.channels, axis=-1)

    def toy(self):
        return np.random.default_rng(0).normal((0.5, 0.5), (0.5, 0.2), (2048, 2)).astype("float32")

    def error(self, model):
        """Mean distance between the toy's translations and where they belong."""
        points = self.toy()
        return np.linalg.norm(model.translate(points) - moved(points), axis=-1).mean()

    def assert_toy_is_not_known(self, model):
        assert self.error(model) > 0.5
