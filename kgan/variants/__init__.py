"""The games, one file each."""

from kgan.variants.acgan import ACGAN
from kgan.variants.bigan import BiGAN
from kgan.variants.cgan import CGAN
from kgan.variants.cogan import CoGAN
from kgan.variants.cycle_gan import CycleGAN
from kgan.variants.dcgan import DCGAN
from kgan.variants.domain_confusion_gan import DomainConfusionGAN
from kgan.variants.ebgan import EBGAN
from kgan.variants.fgan import FGAN
from kgan.variants.gan import GAN
from kgan.variants.infogan import InfoGAN
from kgan.variants.mgan import MGAN
from kgan.variants.mogan import MOGAN
from kgan.variants.pix2pix import Pix2Pix
from kgan.variants.r3gan import R3GAN
from kgan.variants.sgan import SGAN
from kgan.variants.sngan import SNGAN
from kgan.variants.unit import UNIT
from kgan.variants.vaegan import VAEGAN
from kgan.variants.wgan import WGAN
from kgan.variants.wgan_gp import WGANGP

__all__ = [
    "ACGAN",
    "BiGAN",
    "CGAN",
    "CoGAN",
    "CycleGAN",
    "DCGAN",
    "DomainConfusionGAN",
    "EBGAN",
    "FGAN",
    "GAN",
    "InfoGAN",
    "MGAN",
    "MOGAN",
    "Pix2Pix",
    "R3GAN",
    "SGAN",
    "SNGAN",
    "UNIT",
    "VAEGAN",
    "WGAN",
    "WGANGP",
]
