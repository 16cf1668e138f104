from kgan.losses.adversarial_loss import AdversarialLoss


class Wasserstein(AdversarialLoss):
    """The game of WGAN: a critic D, kept Lipschitz by other means, estimates the Wasserstein-1 distance, and the
    generator shortens it.

    Per sample:

        L_D = D(G(z)) - D(x)
        L_G = -D(G(z))

    The mean of -L_D is the critic's estimate of the distance (up to its Lipschitz constant).
    Shapes, dtypes and errors: see `AdversarialLoss`.

    Example:

    >>> loss = kgan.losses.Wasserstein()
    >>> keras.ops.convert_to_numpy(loss.discriminator(np.array([[2.0], [0.5]]), np.array([[-3.0], [0.0]])))
    array([-5. , -0.5], dtype=float32)

    Reference:
        Arjovsky et al., "Wasserstein GAN", 2017. https://arxiv.org/abs/1701.07875
    """

    threshold = None

    def _real(self, real):
        return -real

    def _generated(self, fake):
        return fake

    def _generator(self, fake, real):
        return -fake
