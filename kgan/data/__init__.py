"""Data sets to train on, each as `Batches`."""

from kgan.data.digits import digits
from kgan.data.glyphs import glyphs
from kgan.data.image_folder import image_folder
from kgan.data.load import load
from kgan.data.mixture import mixture
from kgan.data.stacked_mnist import stacked_mnist
from kgan.engine.batches import Batches

__all__ = ["Batches", "digits", "glyphs", "image_folder", "load", "mixture", "stacked_mnist"]
