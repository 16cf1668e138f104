"""DCGAN: the game between convolutional players."""

from kgan.networks.dcgan import dcgan_discriminator, dcgan_generator
from kgan.variants.gan import GAN


class DCGAN(GAN):
    """Deep convolutional GAN: the non-saturating game between players of strided convolutions, BatchNorm and (leaky)
    rectifiers.

        L_D = E[-log D(x)] + E[-log(1 - D(G(z)))]        L_G = E[-log D(G(z))]

    `compile()` is the published setting: `Adam(2e-4, beta_1=0.5)` for both players, one move each.

    Departs from the paper: latents are standard normal (its are uniform, `prior="uniform"`), as most have them since;
    where the default networks depart is said at `kgan.networks.dcgan_generator`.

    Args:
        generator, discriminator: as in `GAN`; by default `kgan.networks.dcgan_generator(image_shape)` and
            `dcgan_discriminator(image_shape)`.
        image_shape: `(height, width, channels)` of the default players; needed where a player is not given.
        loss, prior, seed, name: as in `GAN`.

    Raises:
        ValueError: neither a player nor the `image_shape` to build it for; and what `GAN` raises.

    Example:

    >>> gan = kgan.DCGAN(image_shape=(28, 28, 1))
    >>> gan.compile()
    >>> gan.generate(16, seed=0).shape
    (16, 28, 28, 1)

    Reference: Radford, Metz, Chintala, Unsupervised Representation Learning with Deep Convolutional GANs, 2016,
    https://arxiv.org/abs/1511.06434
    """

    def __init__(
        self,
        generator=None,
        discriminator=None,
        image_shape=None,
        loss="non_saturating",
        prior="normal",
        seed=None,
        name=None,
    ):
        if image_shape is None and None in (generator, discriminator):
            raise ValueError(
                "Give both networks, or the `image_shape` (height, width, channels) to build the missing one for."
            )
        generator = dcgan_generator(image_shape) if generator is None else generator
        discriminator = dcgan_discriminator(image_shape) if discriminator is None else discriminator
        super().__init__(generator, discriminator, loss=loss, prior=prior, seed=seed, name=name)
