"""SGAN: a discriminator that is a classifier of N classes and of what is generated."""

import keras
import numpy as np
from keras import ops

from kgan.engine.guards import check_samples
from kgan.kinds import LatentModel
from kgan.kinds.guards import check_all_classes, check_fit_together, check_labels, shape_of
from kgan.losses import cross_entropy, exclusion

UNKNOWN = -1


class SGAN(LatentModel):
    """Semi-supervised GAN: the discriminator sorts samples into N real classes and one more, "generated", and learns
    from labels where there are any.

    With `p` the discriminator's softmax over N + 1 classes, the last one "generated", labelled pairs `(x, c)`,
    unlabelled `x` and `x~ = G(z)`:

        L_D = E[-log p(c|x, real)]  (labelled)  + E[-log(1 - p(N+1|x))]  (all)  + E[-log p(N+1|x~)]
        L_G = E[-log(1 - p(N+1|x~))]                                   p(c|x, real) = p(c|x) / (1 - p(N+1|x))

    Where all samples are labelled, the first two terms are E[-log p(c|x)], the paper's. With the labelled term over all
    N + 1 classes instead, a labelled sample would count as real twice, and the generator would crowd around the few
    labelled ones.

    The generator does not see labels: what it learns makes the classifier better. Unlabelled samples, whose label is -1
    or whose sample weight is 0, take part as real samples of an unknown class. Where labels are few, repeat the
    labelled samples in the data, so that each batch has some.

    Departs from the paper: its algorithm uses labelled samples only (unlabelled ones as in Salimans et al., 2016), and
    its generator minimises E[log p(N+1|x~)], which saturates where the discriminator is ahead; here it is the
    non-saturating form.

    Args:
        generator: network of latents `(batch, latent_dim)` to samples; images in [-1, 1].
        discriminator: network of samples to logits `(batch, N + 1)`; no softmax.
        prior: as in `GAN`.
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, fewer than two classes.

    Example:

    >>> G, D = kgan.networks.dcgan_generator((28, 28, 1)), kgan.networks.dcgan_discriminator((28, 28, 1), outputs=11)
    >>> gan = kgan.SGAN(G, D)
    >>> gan.compile()
    >>> train = kgan.data.digits(28, labels=True)
    >>> labels = np.where(np.arange(len(train.images)) < 100, train.labels, -1)  # a hundred labels, the rest unknown
    >>> gan.fit(train.scale(train.images), labels, epochs=1)
    >>> gan.classify(train.scale(train.images[:4])).shape
    (4,)

    References:
        Odena, Semi-Supervised Learning with Generative Adversarial Networks, 2016, https://arxiv.org/abs/1606.01583
        Salimans et al., Improved Techniques for Training GANs, 2016, https://arxiv.org/abs/1606.03498 (unlabelled
            samples)
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("accuracy",)
    averaged = ("generator", "discriminator")
    pairs = True

    def __init__(self, generator, discriminator, prior="normal", seed=None, name=None):
        super().__init__({"generator": generator, "discriminator": discriminator}, prior=prior, seed=seed, name=name)
        self.classes = shape_of(discriminator, "output")[-1] - 1
        if len(discriminator.output_shape) != 2 or self.classes < 2:
            raise ValueError(
                f"The discriminator returns logits (batch, N + 1) of N >= 2 classes and `generated`, not "
                f"{discriminator.output_shape}."
            )
        check_fit_together(generator, discriminator, outputs=self.classes + 1)

    def compile(self, generator_optimizer=None, discriminator_optimizer=None, **kwargs):
        """Set the optimizers.

        Args:
            generator_optimizer, discriminator_optimizer: default `Adam(2e-4, beta_1=0.5)` (the paper builds on DCGAN).
            **kwargs: `metrics`, `run_eagerly`, `steps_per_execution`, `jit_compile`, as in `AdversarialModel.compile`.
        """
        super().compile({"discriminator": discriminator_optimizer, "generator": generator_optimizer}, **kwargs)

    def train_step(self, data):
        real, labels = self.samples_and_labels(data)
        latents, G = self.latents(real), self.nets("generator")
        fake = self.record("generator", lambda: G(latents))
        self.minimize("discriminator", lambda: self.discriminator_loss(real, labels, fake.outputs))
        self.minimize("generator", self.generator_loss, through=fake)
        self.present(real=real, generated=fake.outputs)
        return self.logs()

    def discriminator_loss(self, real, labels, fake):
        """What the discriminator minimises, one value per sample."""
        D = self.nets("discriminator")
        on_real, on_fake = D(real), D(fake)
        generated = ops.full_like(labels, self.classes)
        known, classes = ops.cast(labels >= 0, "float32"), ops.maximum(labels, 0)
        right = ops.cast(ops.cast(ops.argmax(on_real[:, :-1], axis=-1), "int32") == classes, "float32")
        self.log(where=known, accuracy=right)
        # A mean over the labelled samples of the batch, however few: of the whole, it would fade with their share.
        labelled = known / ops.maximum(ops.mean(known), 1e-6)
        named = labelled * cross_entropy(on_real[:, :-1], classes)
        return named + exclusion(on_real, generated) + cross_entropy(on_fake, generated)

    def generator_loss(self, fake):
        """What the generator minimises, one value per sample."""
        logits = self.nets("discriminator")(fake)
        return exclusion(logits, ops.full((ops.shape(logits)[0],), self.classes, dtype="int32"))

    def samples_and_labels(self, data):
        """The real samples of a batch and their labels, int32 `(batch,)`, -1 where they are not known."""
        samples, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
        labels = ops.reshape(ops.cast(labels, "int32"), (-1,))
        if weights is not None:
            labels = ops.where(ops.reshape(weights, (-1,)) > 0, labels, UNKNOWN)
        return ops.cast(samples, "float32"), labels

    def classify(self, samples, batch_size=256):
        """Classes, numpy int64 `(n,)`, of samples `(n, ...)`: the likeliest of the N real ones, by the averaged
        discriminator where an average is kept.
        """
        return self.infer("discriminator", samples, batch_size=batch_size)[:, :-1].argmax(-1)

    def check_batch(self, batch):
        samples, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if labels is None:
            raise ValueError(
                "SGAN learns from pairs (samples, labels), -1 for an unknown label: give `y`, or a data set such as "
                "`load(..., labels=True)`."
            )
        self.check_known(np.asarray(labels), len(samples))
        check_samples(samples, self.discriminator.input_shape)

    def check_data(self, data, evaluation):
        """Raise where a label of a whole data set in memory does not fit or, in training, where they tell fewer classes
        than the discriminator has.
        """
        self.check_known(data.labels, len(data.images))
        if not evaluation:
            check_all_classes(data.labels[data.labels != UNKNOWN], self.classes)

    def check_known(self, labels, count):
        """Raise where `labels` (a numpy array) are not `count` classes or -1."""
        check_labels(
            np.where(labels == UNKNOWN, 0, labels) if labels.dtype.kind in "iu" else labels, count, self.classes, None
        )
