from keras import ops

from kgan.losses.adversarial_loss import AdversarialLoss


class Hinge(AdversarialLoss):
    """The hinge game of SN-GAN and its successors: the discriminator stops learning from samples that it judges with a
    margin of 1.

    D is the raw output of the network. Per sample:

        L_D = max(0, 1 - D(x)) + max(0, 1 + D(G(z)))
        L_G = -D(G(z))

    Shapes, dtypes and errors: see `AdversarialLoss`.

    Example:

    >>> loss = kgan.losses.Hinge()
    >>> keras.ops.convert_to_numpy(loss.discriminator(np.array([[2.0], [0.5]]), np.array([[-3.0], [0.0]])))
    array([0. , 1.5], dtype=float32)

    References:
        Lim and Ye, "Geometric GAN", 2017. https://arxiv.org/abs/1705.02894
        Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018.
            https://arxiv.org/abs/1802.05957
    """

    def _real(self, real):
        return ops.relu(1.0 - real)

    def _generated(self, fake):
        return ops.relu(1.0 + fake)

    def _generator(self, fake, real):
        return -fake
