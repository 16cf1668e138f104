"""SNGAN: a discriminator of spectral norm one."""

import functools

import keras
from keras import ops

from kgan.kinds.guards import check_no_batch_normalization
from kgan.layers import SpectralNormalization
from kgan.variants.gan import GAN


class SNGAN(GAN):
    """Spectrally normalised GAN: every layer of the discriminator is divided by its largest singular value.

        L_D = E[max(0, 1 - V(x))] + E[max(0, 1 + V(G(z)))]
        L_G = -E[V(G(z))]
        W = W' / sigma(W') in every layer of V

    Real and generated samples are judged in one pass, so that each move of the discriminator is one step of power
    iteration; the generator's move is none.

    Args:
        generator, prior, seed, name: as in `GAN`.
        discriminator: a network whose layers are wrapped in `kgan.layers.SpectralNormalization`, such as
            `kgan.networks.dcgan_discriminator(image_shape, normalization="spectral")`. No BatchNorm in it, which would
            let real and generated samples see each other.
        loss: as in `GAN`; default `"hinge"`, with which the paper has its best scores.

    Raises:
        ValueError: a discriminator without spectral normalisation, or with BatchNorm; and what `GAN` raises.

    Example:

    >>> critic = kgan.networks.dcgan_discriminator((28, 28, 1), normalization="spectral")
    >>> gan = kgan.SNGAN(generator=kgan.networks.dcgan_generator((28, 28, 1)), discriminator=critic)

    Reference: Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018,
    https://arxiv.org/abs/1802.05957
    """

    def __init__(self, generator, discriminator, loss="hinge", prior="normal", seed=None, name=None):
        super().__init__(generator, discriminator, loss=loss, prior=prior, seed=seed, name=name)
        check_no_batch_normalization(discriminator, "SNGAN", "it judges real and generated samples in one batch")
        if not any(isinstance(layer, SpectralNormalization) for layer in discriminator._flatten_layers()):
            raise ValueError(
                "SNGAN's discriminator has no spectral normalisation: wrap its layers in "
                "`kgan.layers.SpectralNormalization`."
            )

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, critic_steps=1, **kwargs):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5, beta_2=0.999)`, the paper's
                setting C.
            critic_steps: moves of the discriminator per move of the generator (setting C: 1).
            **kwargs: as in `GAN.compile`.
        """
        adam = functools.partial(keras.optimizers.Adam, 2e-4, beta_1=0.5, beta_2=0.999)
        super().compile(generator_optimizer or adam(), discriminator_optimizer or adam(), critic_steps, **kwargs)

    def judge(self, real, fake):
        """Logits of real and of generated samples from one pass over both."""
        logits = self.nets("discriminator")(ops.concatenate([real, fake]))
        return logits[: ops.shape(real)[0]], logits[ops.shape(real)[0] :]
