"""Data sets to train on, each as `Batches`."""

from kgan.data.derived_domains import derived_domains
from kgan.data.digits import digits
from kgan.data.domains import domains
from kgan.data.downscaled import downscaled
from kgan.data.glyph_domains import glyph_domains
from kgan.data.glyph_pairs import glyph_pairs
from kgan.data.glyphs import glyphs
from kgan.data.image_folder import image_folder
from kgan.data.load import load
from kgan.data.mixture import mixture
from kgan.data.oracle import oracle
from kgan.data.paired_folder import paired_folder
from kgan.data.stacked_mnist import stacked_mnist
from kgan.data.text_lines import text_lines
from kgan.data.usps import usps
from kgan.data.vocabulary import Vocabulary
from kgan.engine.batches import Batches

__all__ = [
    "Batches",
    "Vocabulary",
    "derived_domains",
    "digits",
    "domains",
    "downscaled",
    "glyph_domains",
    "glyph_pairs",
    "glyphs",
    "image_folder",
    "load",
    "mixture",
    "oracle",
    "paired_folder",
    "stacked_mnist",
    "text_lines",
    "usps",
]
