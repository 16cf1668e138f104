"""Layers that Keras lacks or has wrong."""

from kgan.layers.ensemble import Ensemble
from kgan.layers.image_pool import ImagePool
from kgan.layers.spectral_normalization import SpectralNormalization

__all__ = ["Ensemble", "ImagePool", "SpectralNormalization"]
