"""Layers that Keras lacks or has wrong."""

from kgan.layers.spectral_normalization import SpectralNormalization

__all__ = ["SpectralNormalization"]
