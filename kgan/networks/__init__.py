"""Players to start from, one builder an architecture."""

from kgan.networks.assembled import ensemble, heads, pair_discriminator
from kgan.networks.coupled_translators import coupled_translators
from kgan.networks.dcgan import autoencoder, dcgan_discriminator, dcgan_encoder, dcgan_generator
from kgan.networks.infogan import infogan_discriminator, infogan_generator
from kgan.networks.mlp import mlp
from kgan.networks.parts import cut
from kgan.networks.patch_discriminator import patch_discriminator
from kgan.networks.prefix_discriminator import prefix_discriminator
from kgan.networks.resnet_coder import resnet_decoder, resnet_encoder
from kgan.networks.resnet_translator import resnet_translator
from kgan.networks.srresnet import srresnet
from kgan.networks.text_discriminator import text_discriminator
from kgan.networks.unet import unet

__all__ = [
    "autoencoder",
    "coupled_translators",
    "cut",
    "dcgan_discriminator",
    "dcgan_encoder",
    "dcgan_generator",
    "ensemble",
    "heads",
    "infogan_discriminator",
    "infogan_generator",
    "mlp",
    "pair_discriminator",
    "patch_discriminator",
    "prefix_discriminator",
    "resnet_decoder",
    "resnet_encoder",
    "resnet_translator",
    "srresnet",
    "text_discriminator",
    "unet",
]
