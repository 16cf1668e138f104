"""What stands between a convolution and its activation in networks of images of any size."""

import functools

import keras
from keras import layers

from kgan.layers import SpectralNormalization

NORMALIZATIONS = ("instance", "batch", "layer", "spectral", None)


class Normalization:
    """The layers that a choice of normalization asks for.

    Args:
        kind: `"instance"`, `"batch"`, `"layer"` (the statistics of a whole sample, a scale for each channel),
            `"spectral"` or None.

    Attributes:
        initializer: of kernels: N(0, 0.02^2) where a normalization restores the scale, else He's, for without one the
            signal would die out.

    Raises:
        ValueError: another kind.
    """

    def __init__(self, kind):
        if kind not in NORMALIZATIONS:
            raise ValueError(f"`normalization` is 'instance', 'batch', 'layer', 'spectral' or None, not {kind!r}.")
        self.kind = kind
        self.restores_scale = kind in ("instance", "batch", "layer")
        self.initializer = keras.initializers.RandomNormal(stddev=0.02) if self.restores_scale else "he_normal"

    def convolution(self, kind, filters, kernel_size, strides=1, padding="same", normalized=True, **options):
        """The layers, one or two, of a convolution of the class `kind` and what normalizes it, if `normalized`."""
        normalized = normalized and self.restores_scale
        convolution = kind(
            filters,
            kernel_size,
            strides,
            padding,
            use_bias=not normalized,
            kernel_initializer=self.initializer,
            **options,
        )
        if self.kind == "spectral":
            convolution = SpectralNormalization(convolution)
        return [convolution, MAKERS[self.kind]()] if normalized else [convolution]


# Keras' epsilon of 1e-3 (the authors' is 1e-5): on PyTorch the variance of a flat map is off by 1e-7 of its square.
MAKERS = {
    "instance": functools.partial(layers.GroupNormalization, groups=-1),
    "layer": functools.partial(layers.GroupNormalization, groups=1),
    "batch": functools.partial(layers.BatchNormalization, momentum=0.9),
}
