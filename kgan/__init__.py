"""kgan: generative adversarial networks for Keras 3."""

from kgan import callbacks, data, layers, losses, metrics, networks
from kgan.variants import (
    ACGAN,
    CGAN,
    DCGAN,
    EBGAN,
    FGAN,
    GAN,
    MGAN,
    MOGAN,
    R3GAN,
    SGAN,
    SNGAN,
    VAEGAN,
    WGAN,
    WGANGP,
    BiGAN,
    InfoGAN,
)

__all__ = [
    "ACGAN",
    "BiGAN",
    "CGAN",
    "DCGAN",
    "EBGAN",
    "FGAN",
    "GAN",
    "InfoGAN",
    "MGAN",
    "MOGAN",
    "R3GAN",
    "SGAN",
    "SNGAN",
    "VAEGAN",
    "WGAN",
    "WGANGP",
    "callbacks",
    "data",
    "layers",
    "losses",
    "metrics",
    "networks",
]
__version__ = "0.1.0"
