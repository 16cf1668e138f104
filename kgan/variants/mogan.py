"""MOGAN: a generator that also wants a frozen classifier to be sure of what it sees."""

from keras import ops

from kgan.kinds.guards import check_ends, check_frozen, check_weights
from kgan.variants.gan import GAN


class MOGAN(GAN):
    """GAN whose generator also maximises the confidence of a frozen classifier C in its own best class.

        L_D = E[-log D(x)] + E[-log(1 - D(G(z)))]        L_G = E[-log D(G(z)) - w max_c log C(c|G(z))]

    A confidence is easily bought: a classifier can be sure of what is no image at all. Measure samples by something
    that the classifier is not, such as their Fréchet distance, before and after.

    Args:
        generator, discriminator: as in `GAN`.
        classifier: network of samples to logits `(batch, classes)`, no softmax, that is not trainable:
            `classifier.trainable = False`.
        loss, prior: as in `GAN`.
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: a classifier that is not built, is trainable, ends in a softmax, or does not take what the generator
            makes; and as in `GAN`.

    Example:

    >>> classifier = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    >>> classifier.trainable = False
    >>> gan = kgan.MOGAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1), classifier)
    >>> gan.compile()
    >>> gan.fit(kgan.data.mixture("ring"), epochs=1)
    """

    quantities = ("confidence",)

    def __init__(
        self, generator, discriminator, classifier, loss="non_saturating", prior="normal", seed=None, name=None
    ):
        super().__init__(generator, discriminator, loss=loss, prior=prior, seed=seed, name=name)
        check_frozen("classifier", classifier, generator.output_shape)
        check_ends(classifier)
        shape = classifier.compute_output_shape(generator.output_shape)
        if len(shape) != 2 or shape[-1] < 2:
            raise ValueError(
                f"The classifier must return logits (batch, classes) of at least two classes, not {shape}."
            )
        self.classifier = classifier

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, confidence_weight=1.0, **kwargs):
        """As `GAN.compile`, with `confidence_weight`: w above, at least 0 (default the notes' 1)."""
        check_weights(confidence_weight=confidence_weight)
        self.confidence_weight = confidence_weight
        super().compile(generator_optimizer, discriminator_optimizer, **kwargs)

    def generator_loss(self, real, fake):
        game = super().generator_loss(real, fake)
        if not self.learning:  # the bare game, as for all that regularises training
            return game
        logits = ops.cast(self.classifier(fake, training=False), "float32")
        doubt = ops.logsumexp(logits, axis=-1) - ops.max(logits, axis=-1)
        self.log(confidence=ops.exp(-doubt))
        return game + self.confidence_weight * doubt
