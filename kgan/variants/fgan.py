"""f-GAN: the game whose value is any f-divergence."""

from kgan import losses
from kgan.variants.gan import GAN


class FGAN(GAN):
    """f-GAN: the discriminator tightens a lower bound on an f-divergence of data and model, the generator lowers that
    divergence.

    With `T = g_f(V)`, the discriminator's output mapped into the domain of the convex conjugate `f*`,

        L_D = -E[T(x)] + E[f*(T(G(z)))]        L_G = -E[f*(T(G(z)))]

    so that `-discriminator_loss` is the bound on `D_f(data || model)` that the logs show.

    Departs from the paper: the players move one after the other, as in all games here; its Algorithm 1 takes both
    gradients at the same point.

    Args:
        generator, discriminator: as in `GAN`; the discriminator is the paper's `V`, any real number per sample.
        divergence: `"kl"`, `"reverse_kl"`, `"pearson"`, `"neyman"`, `"squared_hellinger"`, `"jeffrey"`,
            `"jensen_shannon"`, `"gan"` (default), `"total_variation"`, `"alpha"`, or a `kgan.losses.FDivergence`.
        prior, seed, name: as in `GAN`.

    Raises:
        ValueError: an unknown divergence; and what `GAN` raises.

    Example:

    >>> line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> critic = keras.Sequential([keras.Input((1,)), keras.layers.Dense(64, "tanh"), keras.layers.Dense(1)])
    >>> gan = kgan.FGAN(generator=line, discriminator=critic, divergence="kl")

    Reference: Nowozin, Cseke, Tomioka, f-GAN: Training Generative Neural Samplers using Variational Divergence
    Minimization, 2016, https://arxiv.org/abs/1606.00709
    """

    def __init__(self, generator, discriminator, divergence="gan", prior="normal", seed=None, name=None):
        divergence = losses.get_divergence(divergence)
        super().__init__(generator, discriminator, loss=divergence, prior=prior, seed=seed, name=name)
