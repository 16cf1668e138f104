from keras import ops

from kgan.losses.adversarial_loss import AdversarialLoss


class NonSaturating(AdversarialLoss):
    """The discriminator of `Minimax`, and a generator that maximises log D(G(z)), so that its gradient is strong where
    it is losing.

    With logits v and D = sigmoid(v), per sample:

        L_D = -log D(x) - log(1 - D(G(z))) = softplus(-v(x)) + softplus(v(G(z)))
        L_G = -log D(G(z))                 = softplus(-v(G(z)))

    Shapes, dtypes and errors: see `AdversarialLoss`.

    Example:

    >>> loss = kgan.losses.NonSaturating()
    >>> keras.ops.convert_to_numpy(loss.generator(np.array([[0.0], [-100.0]])))
    array([  0.6931472, 100.       ], dtype=float32)

    Reference:
        Goodfellow et al., "Generative Adversarial Nets", 2014, section 3. https://arxiv.org/abs/1406.2661
    """

    def _real(self, real):
        return ops.softplus(-real)

    def _generated(self, fake):
        return ops.softplus(fake)

    def _generator(self, fake, real):
        return ops.softplus(-fake)
