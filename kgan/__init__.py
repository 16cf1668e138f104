"""kgan: generative adversarial networks for Keras 3."""

from kgan import callbacks, data, layers, losses, metrics, networks
from kgan.variants import DCGAN, FGAN, GAN, R3GAN, SNGAN, WGAN, WGANGP

__all__ = ["DCGAN", "FGAN", "GAN", "R3GAN", "SNGAN", "WGAN", "WGANGP", "callbacks", "data", "layers", "losses", "metrics", "networks"]
__version__ = "0.1.0"
