"""Players to start from, one builder an architecture."""

from kgan.networks.assembled import ensemble, heads, pair_discriminator
from kgan.networks.dcgan import autoencoder, dcgan_discriminator, dcgan_encoder, dcgan_generator
from kgan.networks.infogan import infogan_discriminator, infogan_generator
from kgan.networks.mlp import mlp

__all__ = [
    "autoencoder",
    "dcgan_discriminator",
    "dcgan_encoder",
    "dcgan_generator",
    "ensemble",
    "heads",
    "infogan_discriminator",
    "infogan_generator",
    "mlp",
    "pair_discriminator",
]
