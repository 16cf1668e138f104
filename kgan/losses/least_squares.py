from keras import ops

from kgan.losses.adversarial_loss import AdversarialLoss


class LeastSquares(AdversarialLoss):
    """The game of LSGAN: the discriminator regresses 1 on real and 0 on generated samples, the generator wants its
    samples judged 1.

    D is the raw output of the network. Per sample, with the paper's 0-1 coding:

        L_D = (D(x) - 1)^2 / 2 + D(G(z))^2 / 2
        L_G = (D(G(z)) - 1)^2 / 2

    Shapes, dtypes and errors: see `AdversarialLoss`.

    Example:

    >>> loss = kgan.losses.LeastSquares()
    >>> keras.ops.convert_to_numpy(loss.generator(np.array([[0.0], [3.0]])))
    array([0.5, 2. ], dtype=float32)

    Reference:
        Mao et al., "Least Squares Generative Adversarial Networks", 2017. https://arxiv.org/abs/1611.04076
    """

    threshold = 0.5

    def _real(self, real):
        return 0.5 * ops.square(real - 1.0)

    def _generated(self, fake):
        return 0.5 * ops.square(fake)

    def _generator(self, fake, real):
        return 0.5 * ops.square(fake - 1.0)
