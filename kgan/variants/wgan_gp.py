"""WGAN-GP: a critic whose gradient is held at norm 1."""

import functools

import keras

from kgan import losses
from kgan.kinds.guards import check_no_batch_normalization
from kgan.losses.penalties import POINTS
from kgan.variants.gan import GAN


class WGANGP(GAN):
    """Wasserstein GAN with gradient penalty: the critic's gradient is pulled to norm 1 on the lines between real and
    generated samples.

        L_D = -E[f(x)] + E[f(G(z))] + lambda E[(||grad f(x^)|| - 1)^2]
        x^ = e x + (1 - e) G(z),  e ~ U(0, 1), one per sample
        L_G = -E[f(G(z))]

    Departs from the paper: all moves of the critic in a step see the same real batch (`fresh_batches=True` is the
    paper's), and the generator's move has the latents of the critic's last (`fresh_latents=True`).

    Args:
        generator, discriminator, prior, seed, name: as in `GAN`; the discriminator is the critic. No BatchNorm in it:
            the penalty is one sample's affair.
        one_sided: punish only norms above 1, which is all that the Lipschitz bound asks for: `max(0, ||grad f|| -
            1)^2`.
        squared: whether what is above (or off) 1 is squared (default, the paper's); with `one_sided=True` and
            `squared=False` the penalty is `max(0, ||grad f|| - 1)`, as study notes derive it.
        penalty_at: where the gradient is taken: `"interpolates"` (default, the paper's), `"real"` or
            `"generated"` samples.

    Raises:
        ValueError: a critic with BatchNorm; another place for the penalty; and what `GAN` raises.

    Example:

    >>> gan = kgan.WGANGP(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile(penalty_weight=0.1)

    Reference: Gulrajani et al., Improved Training of Wasserstein GANs, 2017, https://arxiv.org/abs/1704.00028
    """

    quantities = ("gradient_penalty",)

    def __init__(
        self,
        generator,
        discriminator,
        one_sided=False,
        squared=True,
        penalty_at="interpolates",
        prior="normal",
        seed=None,
        name=None,
    ):
        super().__init__(generator, discriminator, loss="wasserstein", prior=prior, seed=seed, name=name)
        check_no_batch_normalization(discriminator, "WGANGP", "the penalty is on each sample's gradient")
        if penalty_at not in POINTS:
            raise ValueError(f"`penalty_at` is one of {', '.join(map(repr, POINTS))}, not {penalty_at!r}.")
        self.penalty = functools.partial(losses.gradient_penalty, one_sided=one_sided, squared=squared, at=penalty_at)

    def compile(
        self, generator_optimizer=None, discriminator_optimizer=None, critic_steps=5, penalty_weight=10.0, **kwargs
    ):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default the paper's `Adam(1e-4, beta_1=0.5, beta_2=0.9)`.
            critic_steps: moves of the critic per move of the generator (default the paper's 5), each on latents and
                interpolates of its own.
            penalty_weight: lambda, a float or a Keras schedule over the critic's moves (default the paper's 10 for
                images; its 2-D toys use 0.1).
            **kwargs: as in `GAN.compile`.
        """
        adam = functools.partial(keras.optimizers.Adam, 1e-4, beta_1=0.5, beta_2=0.9)
        super().compile(generator_optimizer or adam(), discriminator_optimizer or adam(), critic_steps, **kwargs)
        self.penalty_weight = penalty_weight

    def discriminator_loss(self, real, fake):
        game = super().discriminator_loss(real, fake)
        if not self.learning:  # a penalty says nothing about unseen data
            return game
        penalty = self.penalty(self.nets("discriminator"), real, fake, seed=self.seed_generator)
        self.log(gradient_penalty=penalty)
        return game + self.scheduled(self.penalty_weight, "discriminator") * penalty
