"""WGAN: a critic with clipped weights."""

import keras

from kgan.variants.gan import GAN


@keras.saving.register_keras_serializable(package="kgan")
class WGAN(GAN):
    """Wasserstein GAN: a critic `f`, kept Lipschitz by clipped weights, whose advantage estimates an earth mover's distance up to scale.

        L_D = -E[f(x)] + E[f(G(z))]        L_G = -E[f(G(z))]        every weight of f in [-clip, clip] after every move of f

    Args:
        generator, discriminator, seed, name: as in `GAN`; the discriminator is the critic. Avoid BatchNorm in it.

    Example:

    >>> gan = kgan.WGAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile()

    Reference: Arjovsky, Chintala, Bottou, Wasserstein GAN, 2017, https://arxiv.org/abs/1701.07875
    """

    def __init__(self, generator, discriminator, seed=None, name=None):
        super().__init__(generator, discriminator, loss="wasserstein", seed=seed, name=name)

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, critic_steps=5, clip=0.01, **kwargs):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `RMSprop(5e-5)`, the paper's: momentum makes this game unstable.
            critic_steps: moves of the critic per move of the generator (default the paper's 5), all on the same real batch, each on latents of its own.
            clip: bound on the critic's weights (default the paper's 0.01). Scales and offsets of normalisation layers are not clipped.
            **kwargs: as in `GAN.compile`.
        """
        super().compile(
            generator_optimizer or keras.optimizers.RMSprop(5e-5), discriminator_optimizer or keras.optimizers.RMSprop(5e-5), critic_steps, **kwargs
        )
        self.clip = clip
        self.clip_weights("discriminator", clip)

    def get_config(self):
        config = super().get_config()
        config.pop("loss")
        return config
