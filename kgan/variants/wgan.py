"""WGAN: a critic with clipped weights."""

import functools

import keras

from kgan.variants.gan import GAN

NORMALIZATION = (
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
    keras.layers.RMSNormalization,
)


class WGAN(GAN):
    """Wasserstein GAN: a critic `f`, kept Lipschitz by clipped weights, whose advantage estimates an earth mover's
    distance up to scale.

        L_D = -E[f(x)] + E[f(G(z))]
        L_G = -E[f(G(z))]
        every weight of f in [-clip, clip] after every move of f

    Departs from the paper: all moves of the critic in a step see the same real batch (`fresh_batches=True` is the
    paper's), and the generator's move has the latents of the critic's last (`fresh_latents=True`).

    Args:
        generator, discriminator, prior, seed, name: as in `GAN`; the discriminator is the critic. Avoid BatchNorm in
            it.

    Example:

    >>> gan = kgan.WGAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile()

    Reference: Arjovsky, Chintala, Bottou, Wasserstein GAN, 2017, https://arxiv.org/abs/1701.07875
    """

    def __init__(self, generator, discriminator, prior="normal", seed=None, name=None):
        super().__init__(generator, discriminator, loss="wasserstein", prior=prior, seed=seed, name=name)

    def compile(
        self,
        generator_optimizer=None,
        discriminator_optimizer=None,
        critic_steps=5,
        clip=0.01,
        clip_normalization=True,
        **kwargs,
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default `RMSprop(5e-5)`, the paper's: momentum makes this game
                unstable.
            critic_steps: moves of the critic per move of the generator (default the paper's 5).
            clip: bound on every weight of the critic (default the paper's 0.01).
            clip_normalization: whether the scales and offsets of normalisation layers are clipped, too (default, as in
                the authors' code). False departs from the paper, and no bound on the critic remains: a kernel before a
                normalisation layer may be scaled at will.
            **kwargs: as in `GAN.compile`.
        """
        rmsprop = functools.partial(keras.optimizers.RMSprop, 5e-5)
        super().compile(generator_optimizer or rmsprop(), discriminator_optimizer or rmsprop(), critic_steps, **kwargs)
        self.clip, self.clip_normalization = clip, clip_normalization
        self.clip_weights("discriminator", clip, spare=() if clip_normalization else NORMALIZATION)
