from keras import ops

from kgan.losses.adversarial_loss import AdversarialLoss


class Relativistic(AdversarialLoss):
    """The pairing game RpGAN: the discriminator ranks each real sample above a generated one, the generator wants the
    opposite order.

    Per pair of a real and a generated sample:

        L_D = softplus(-(D(x) - D(G(z))))
        L_G = softplus(-(D(G(z)) - D(x)))

    The generator's loss needs the logits of real samples too (`paired` is True). The i-th real logit is paired with the
    i-th generated one. Shapes, dtypes and errors: see `AdversarialLoss`.

    Example:

    >>> loss = kgan.losses.Relativistic()
    >>> keras.ops.convert_to_numpy(loss.generator(np.array([[2.0], [0.5]]), real_logits=np.array([[2.0], [100.5]])))
    array([  0.6931472, 100.       ], dtype=float32)

    References:
        Jolicoeur-Martineau, "The relativistic discriminator", 2018. https://arxiv.org/abs/1807.00734
        Huang et al., "The GAN is dead; long live the GAN!" (R3GAN), 2024. https://arxiv.org/abs/2501.05441
    """

    paired = True
    threshold = None

    def _discriminator(self, real, fake):
        return ops.softplus(-(real - fake))

    def _generator(self, fake, real):
        return ops.softplus(-(fake - real))
