"""R3GAN: relativistic pairing with two zero-centred penalties."""

import functools

import keras

from kgan import losses
from kgan.kinds.guards import check_no_batch_normalization
from kgan.variants.gan import GAN


class R3GAN(GAN):
    """R3GAN: each generated sample is judged beside a real one, and the discriminator's gradient is held near 0 on
    both.

        L_D = E[softplus(-(V(x) - V(G(z))))] + gamma/2 (R1 + R2)
        R1 = E[||grad V(x)||^2],  R2 = E[||grad V(G(z))||^2]
        L_G = E[softplus(-(V(G(z)) - V(x)))]

    The generator's move pairs its samples with the same real batch as the discriminator's.

    Args:
        generator, discriminator, prior, seed, name: as in `GAN`; without normalisation layers, as in the paper.
            BatchNorm in the discriminator is refused: the penalties are one sample's affair.

    Raises:
        ValueError: a discriminator with BatchNorm; and what `GAN` raises.

    Example:

    >>> gan = kgan.R3GAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile(gamma=keras.optimizers.schedules.CosineDecay(1.0, 10_000, alpha=0.1))

    Reference: Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2024,
    https://arxiv.org/abs/2501.05441
    """

    quantities = ("r1_penalty", "r2_penalty")

    def __init__(self, generator, discriminator, prior="normal", seed=None, name=None):
        super().__init__(generator, discriminator, loss="relativistic", prior=prior, seed=seed, name=name)
        check_no_batch_normalization(discriminator, "R3GAN", "its penalties are on each sample's gradient")

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, gamma=1.0, critic_steps=1, **kwargs):
        """Set the optimizers and the game's hyper-parameters.

        Args:
            generator_optimizer, discriminator_optimizer: default the paper's `Adam(2e-4, beta_1=0.0, beta_2=0.99)`.
            gamma: weight of the penalties, a float or a Keras schedule over the discriminator's moves. The paper
                anneals it by a cosine: from 1 to 0.1 on Stacked MNIST, from 0.05 to 0.005 on CIFAR-10. Default 1.
            critic_steps: moves of the discriminator per move of the generator (default the paper's 1).
            **kwargs: as in `GAN.compile`.
        """
        adam = functools.partial(keras.optimizers.Adam, 2e-4, beta_1=0.0, beta_2=0.99)
        super().compile(generator_optimizer or adam(), discriminator_optimizer or adam(), critic_steps, **kwargs)
        self.gamma = gamma

    def discriminator_loss(self, real, fake):
        if not self.learning:  # a penalty says nothing about unseen data
            return super().discriminator_loss(real, fake)
        critic = self.nets("discriminator")
        real_logits, r1 = losses.zero_centered_penalty(critic, real)
        fake_logits, r2 = losses.zero_centered_penalty(critic, fake)
        self.log(r1_penalty=r1, r2_penalty=r2)
        return self.adversarial_loss.discriminator(real_logits, fake_logits) + self.scheduled(
            self.gamma, "discriminator"
        ) / 2 * (r1 + r2)
