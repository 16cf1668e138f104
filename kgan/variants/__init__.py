"""The games, one file each."""

from kgan.variants.acgan import ACGAN
from kgan.variants.adversarially_trained import AdversariallyTrained
from kgan.variants.bigan import BiGAN
from kgan.variants.cgan import CGAN
from kgan.variants.cogan import CoGAN
from kgan.variants.combogan import ComboGAN
from kgan.variants.context_encoder import ContextEncoder
from kgan.variants.cycle_gan import CycleGAN
from kgan.variants.dcgan import DCGAN
from kgan.variants.direct_transform_gan import DirectTransformGAN
from kgan.variants.domain_confusion_gan import DomainConfusionGAN
from kgan.variants.ebgan import EBGAN
from kgan.variants.fgan import FGAN
from kgan.variants.gan import GAN
from kgan.variants.infogan import InfoGAN
from kgan.variants.mgan import MGAN
from kgan.variants.mogan import MOGAN
from kgan.variants.pix2pix import Pix2Pix
from kgan.variants.r3gan import R3GAN
from kgan.variants.seqgan import SeqGAN
from kgan.variants.sgan import SGAN
from kgan.variants.sngan import SNGAN
from kgan.variants.srgan import SRGAN
from kgan.variants.unit import UNIT
from kgan.variants.vaegan import VAEGAN
from kgan.variants.wgan import WGAN
from kgan.variants.wgan_gp import WGANGP
from kgan.variants.xgan import XGAN

__all__ = [
    "ACGAN",
    "AdversariallyTrained",
    "BiGAN",
    "CGAN",
    "CoGAN",
    "ComboGAN",
    "ContextEncoder",
    "CycleGAN",
    "DCGAN",
    "DirectTransformGAN",
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
    "SeqGAN",
    "SNGAN",
    "SRGAN",
    "UNIT",
    "VAEGAN",
    "WGAN",
    "WGANGP",
    "XGAN",
]
