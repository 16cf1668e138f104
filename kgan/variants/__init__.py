"""The games, one file each."""

from kgan.variants.dcgan import DCGAN
from kgan.variants.fgan import FGAN
from kgan.variants.gan import GAN
from kgan.variants.r3gan import R3GAN
from kgan.variants.sngan import SNGAN
from kgan.variants.wgan import WGAN
from kgan.variants.wgan_gp import WGANGP

__all__ = ["DCGAN", "FGAN", "GAN", "R3GAN", "SNGAN", "WGAN", "WGANGP"]
