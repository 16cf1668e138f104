"""SGAN: a discriminator that is a classifier of N classes and of what is generated."""

import keras
import numpy as np
from keras import ops

from kgan.engine import LatentModel
from kgan.engine.guards import check_all_classes, check_fit_together, check_labels, check_samples
from kgan.losses import cross_entropy, exclusion

UNKNOWN = -1


@keras.saving.register_keras_serializable(package="kgan")
class SGAN(LatentModel):
    """Semi-supervised GAN: the discriminator sorts samples into N real classes and one more, "generated", and learns from labels where there are any.

    With `p` the discriminator's softmax over N + 1 classes, the last one "generated", labelled pairs `(x, c)`, unlabelled `x` and `x~ = G(z)`:

        L_D = E[-log p(c|x)]  (labelled)  + E[-log(1 - p(N+1|x))]  (all)  + E[-log p(N+1|x~)]
        L_G = E[-log(1 - p(N+1|x~))]

    The generator does not see labels: what it learns makes the classifier better. The paper's algorithm uses labelled samples only; here the unlabelled ones,
    whose label is -1 or whose sample weight is 0, take part as real samples of an unknown class. Where labels are few, repeat the labelled samples in the data,
    so that each batch has some.

    Args:
        generator: network of latents `(batch, latent_dim)` to samples; images in [-1, 1].
        discriminator: network of samples to logits `(batch, N + 1)`; no softmax.
        seed: integer that fixes latents, noise and the order of arrays.
        name: name of the model.

    Raises:
        ValueError: networks that do not fit each other, fewer than two classes.

    Example:

    >>> G, D = kgan.networks.dcgan_generator((28, 28, 1)), kgan.networks.dcgan_discriminator((28, 28, 1), outputs=11)
    >>> gan = kgan.SGAN(G, D)
    >>> gan.compile()
    >>> train = kgan.data.digits(28, labels=True)
    >>> labels = np.where(np.arange(len(train.images)) < 100, train.labels, -1)       # a hundred labels, the rest unknown
    >>> gan.fit(train.scale(train.images), labels, epochs=1)
    >>> gan.classify(train.scale(train.images[:4])).shape
    (4,)

    Reference: Odena, Semi-Supervised Learning with Generative Adversarial Networks, 2016, https://arxiv.org/abs/1606.01583
    """

    players = {"discriminator": ("discriminator",), "generator": ("generator",)}
    quantities = ("accuracy",)
    averaged = ("generator", "discriminator")

    def __init__(self, generator, discriminator, seed=None, name=None):
        super().__init__({"generator": generator, "discriminator": discriminator}, seed=seed, name=name)
        self.classes = discriminator.output_shape[-1] - 1
        if len(discriminator.output_shape) != 2 or self.classes < 2:
            raise ValueError(f"The discriminator returns logits (batch, N + 1) of N >= 2 classes and `generated`, not {discriminator.output_shape}.")
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
        latents = self.latents(real)
        fake = self.record("generator", lambda: self.generator(latents, training=True))
        self.minimize("discriminator", lambda: self.discriminator_loss(real, labels, fake.outputs))
        self.minimize("generator", self.generator_loss, through=fake)
        return self.logs()

    def discriminator_loss(self, real, labels, fake, training=True):
        """What the discriminator minimises, one value per sample."""
        on_real, on_fake = self.discriminator(real, training=training), self.discriminator(fake, training=training)
        generated = ops.full_like(labels, self.classes)
        known, classes = ops.cast(labels >= 0, "float32"), ops.maximum(labels, 0)
        right = ops.cast(ops.cast(ops.argmax(on_real[:, :-1], axis=-1), "int32") == classes, "float32")
        self.log(where=known, accuracy=right)
        # A mean over the labelled samples of the batch, however few: of the whole, it would fade with their share.
        labelled = known / ops.maximum(ops.mean(known), 1e-6)
        return labelled * cross_entropy(on_real, classes) + exclusion(on_real, generated) + cross_entropy(on_fake, generated)

    def generator_loss(self, fake, training=True):
        """What the generator minimises, one value per sample."""
        logits = self.discriminator(fake, training=training)
        return exclusion(logits, ops.full((ops.shape(logits)[0],), self.classes, dtype="int32"))

    def samples_and_labels(self, data):
        """The real samples of a batch and their labels, int32 `(batch,)`, -1 where they are not known."""
        samples, labels, weights = keras.utils.unpack_x_y_sample_weight(data)
        labels = ops.reshape(ops.cast(labels, "int32"), (-1,))
        if weights is not None:
            labels = ops.where(ops.reshape(weights, (-1,)) > 0, labels, UNKNOWN)
        return ops.cast(samples, "float32"), labels

    def test_step(self, data):
        real, labels = self.samples_and_labels(data)
        fake = self(self.latents(real, self.evaluation_seed_generator), training=False)
        self.log(
            discriminator_loss=self.discriminator_loss(real, labels, fake, training=False),
            generator_loss=self.generator_loss(fake, training=False),
        )
        self.feed_metrics(real, fake)
        return self.logs()

    def classify(self, samples, batch_size=256):
        """Classes, numpy int64 `(n,)`, of samples `(n, ...)`: the likeliest of the N real ones, by the averaged discriminator where an average is kept."""
        return self.in_batches(lambda batch: self.served("discriminator")(batch, training=False)[:, :-1], samples, batch_size).argmax(-1)

    def check_batch(self, batch):
        samples, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if labels is None:
            raise ValueError("SGAN learns from pairs (samples, labels), -1 for an unknown label: give `y`, or a data set such as `load(..., labels=True)`.")
        self.check_known(np.asarray(labels), len(samples))
        check_samples(samples, self.discriminator.input_shape)

    def check_data(self, data, evaluation):
        """Raise where a label of a whole data set in memory does not fit or, in training, where they tell fewer classes than the discriminator has."""
        self.check_known(data.labels, len(data.images))
        if not evaluation:
            check_all_classes(data.labels[data.labels != UNKNOWN], self.classes)

    def check_known(self, labels, count):
        """Raise where `labels` (a numpy array) are not `count` classes or -1."""
        check_labels(np.where(labels == UNKNOWN, 0, labels) if labels.dtype.kind in "iu" else labels, count, self.classes, None)

    def get_config(self):
        networks = {"generator": self.generator, "discriminator": self.discriminator}
        return {**keras.saving.serialize_keras_object(networks), "seed": self.seed, "name": self.name}
