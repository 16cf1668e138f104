"""Layers that Keras lacks or has wrong."""

from kgan.layers.crop_like import CropLike
from kgan.layers.dropout_noise import DropoutNoise
from kgan.layers.ensemble import Ensemble
from kgan.layers.image_pool import ImagePool
from kgan.layers.language_model import LanguageModel
from kgan.layers.pad_to_multiple import PadToMultiple
from kgan.layers.pixel_shuffle import PixelShuffle
from kgan.layers.reflection_padding_2d import ReflectionPadding2D
from kgan.layers.spectral_normalization import SpectralNormalization

__all__ = [
    "CropLike",
    "DropoutNoise",
    "Ensemble",
    "ImagePool",
    "LanguageModel",
    "PadToMultiple",
    "PixelShuffle",
    "ReflectionPadding2D",
    "SpectralNormalization",
]
