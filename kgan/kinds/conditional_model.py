"""Games whose generator is told what to make."""

import keras
import numpy as np
from keras import ops

from kgan.kinds.guards import check_all_classes, check_labels, shape_of
from kgan.kinds.latent_model import LatentModel


class ConditionalModel(LatentModel):
    """A game with a `generator` of `[latents, labels]`: what labels are, how to generate by them.

    A label is an integer in 0..classes - 1 or a vector: the generator's second input, `()` or `(d,)` a sample, says
    which.

    Args:
        networks, prior, seed, name: as in `LatentModel`.
        classes: how many classes integer labels tell; None where labels are vectors.

    Attributes:
        class_names: names of the classes, in the order of their labels, where the data that it was trained on had them.
    """

    pairs = True

    def __init__(self, networks, classes=None, prior="normal", seed=None, name=None):
        super().__init__(networks, prior=prior, seed=seed, name=name)
        shape = self.generator.input_shape
        if (classes is None) != self.vector_labels:
            raise ValueError(
                f"The generator takes labels of shape {shape[1]}: "
                + (
                    "vectors, for which `classes` must be None."
                    if self.vector_labels
                    else "integers, so say how many `classes` there are."
                )
            )
        if classes is not None and (classes != int(classes) or classes < 2):
            raise ValueError(f"`classes` must be an integer of at least 2, not {classes!r}.")
        self.classes, self.class_names = classes, None

    def check_entrance(self):
        """Raise where the generator is none of latents and labels to samples."""
        shape = getattr(self.generator, "input_shape", None)
        if not isinstance(shape, list) or len(shape) != 2 or len(shape[0]) != 2:
            raise ValueError(
                f"The generator of a {type(self).__name__} takes [latents, labels]; this one takes {shape}."
            )
        shape_of(self.generator, "output")

    @property
    def latent_dim(self):
        """Width of the latent, read off the generator's first input."""
        return self.generator.input_shape[0][-1]

    @property
    def vector_labels(self):
        """Whether a label is a vector; else it is an integer."""
        return len(self.generator.input_shape[1]) == 2

    def samples_and_labels(self, data):
        """The real samples of a batch and their labels, int32 `(batch,)` or float32 `(batch, d)`."""
        samples, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        return ops.cast(samples, "float32"), self.as_labels(labels)

    def as_labels(self, labels):
        """Labels of any integer or float dtype, `(batch,)`, `(batch, 1)` or `(batch, d)`, as the networks take them."""
        labels = ops.cast(labels, "float32" if self.vector_labels else "int32")
        return labels if self.vector_labels else ops.reshape(labels, (-1,))

    def mismatched(self, labels):
        """For each sample the index of another one of the batch whose label differs, drawn at random, and whether there
        is one, float32 `(batch,)`.

        In a batch of a single class there is none.
        """
        columns = labels if self.vector_labels else labels[:, None]
        differs = ops.any(ops.not_equal(columns[:, None], columns[None, :]), axis=-1)
        drawn = keras.random.uniform(ops.shape(differs), 0.1, 1.0, seed=self.random, dtype="float32")
        scores = ops.where(differs, drawn, 0.0)
        return ops.argmax(scores, axis=1), ops.cast(ops.any(differs, axis=1), "float32")

    def check_labelled(self, batch):
        """The samples of a batch (numpy arrays), whose labels are looked at."""
        samples, labels, weights = keras.utils.unpack_x_y_sample_weight(batch)
        if labels is None or weights is not None:
            raise ValueError(
                f"{type(self).__name__} learns from pairs (samples, labels): give `y`, or a data set such as "
                f"`load(..., labels=True)`."
            )
        check_labels(np.asarray(labels), len(samples), self.classes, self.generator.input_shape[1])
        return samples

    def check_data(self, data, evaluation):
        """Raise where a label of a whole data set in memory does not fit or, in training, where they tell fewer classes
        than declared.
        """
        if data.labels is None:
            return
        check_labels(data.labels, len(data.images), self.classes, self.generator.input_shape[1])
        if self.classes is not None and not evaluation:
            check_all_classes(data.labels, self.classes)

    def learn_facts(self, data):
        """Take over the names of the classes."""
        if self.pairs and data.class_names is not None:
            self.class_names = [str(name) for name in data.class_names]

    def facts(self):
        """The names of the classes, where they are known."""
        return {} if self.class_names is None else {"class_names": list(self.class_names)}

    def take_facts(self, facts):
        self.class_names = facts.get("class_names", self.class_names)

    def generate(self, n=None, labels=None, latents=None, seed=None, batch_size=256):
        """Generate samples in inference mode; the state of training does not change.

        Args:
            n: how many; by default one for each label (or latent), or 1.
            labels: what to make: integers in 0..classes - 1, names of `class_names`, or vectors `(n, d)`; a single one
                stands for all `n`. By default classes at random.
            latents: array `(n, latent_dim)` to decode, in place of random ones.
            seed: integer: the same seed gives the same samples; by default fresh ones.
            batch_size: how many are computed at a time.

        Returns:
            numpy float32 array `(n, ...)`; images in [-1, 1].

        Raises:
            ValueError: labels out of range, of the wrong type or number; no labels where they are vectors; latents of
                the wrong shape; nothing to generate.

        Example:

        >>> shape = (28, 28, 1)
        >>> generator = kgan.networks.dcgan_generator(shape, classes=10)
        >>> gan = kgan.CGAN(generator, kgan.networks.dcgan_discriminator(shape, classes=10), classes=10)
        >>> gan.generate(labels=[3, 3, 7]).shape
        (3, 28, 28, 1)
        """
        random = np.random.default_rng(seed)
        if n is None:
            n = (
                len(latents)
                if latents is not None
                else 1
                if labels is None or np.ndim(labels) == int(self.vector_labels)
                else len(labels)
            )
        latents = self._latents_to_decode(n, latents, random)
        return self._decode([latents, self._labels_to_decode(len(latents), labels, random)], batch_size)

    def _labels_to_decode(self, n, labels, random):
        if labels is None:
            if self.vector_labels:
                raise ValueError("Labels are vectors here: say which, `labels=array of shape (n, d)`.")
            labels = random.integers(self.classes, size=n)
        labels = self._numbers(np.asarray(labels))
        if labels.ndim == int(self.vector_labels):
            labels = np.repeat(labels[None], n, axis=0)
        check_labels(labels, n, self.classes, self.generator.input_shape[1])
        return labels.astype("float32") if self.vector_labels else labels.astype("int32").reshape(-1)

    def _numbers(self, labels):
        """Labels, of which names of classes become their numbers."""
        if labels.dtype.kind not in "UO" or self.vector_labels:
            return labels
        if self.class_names is None:
            raise ValueError(
                f"This {type(self).__name__} knows no names of classes, since the data that it was trained on had "
                f"none: ask by number, 0..{self.classes - 1}."
            )
        for name in labels.ravel():
            if str(name) not in self.class_names:
                raise ValueError(f"There is no class {str(name)!r}: the classes are {', '.join(self.class_names)}.")
        return np.array([self.class_names.index(str(name)) for name in labels.ravel()]).reshape(labels.shape)

    def interpolate(self, steps=8, start=None, end=None, seed=None, labels=None):
        """As `LatentModel.interpolate`, for one label (an integer or a vector; by default a random class) along the
        whole walk.
        """
        if labels is None and not self.vector_labels:
            labels = int(np.random.default_rng(seed).integers(self.classes))
        return self.generate(latents=self.walk(steps, start, end, seed), labels=labels)

    def call(self, inputs, training=False):
        """Samples, float32, of `[latents, labels]`: what `predict` and the exported model compute."""
        if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
            raise ValueError(
                f"A {type(self).__name__} is called on [latents (batch, {self.latent_dim}), labels], not on a single "
                f"array."
            )
        latents, labels = inputs
        return ops.cast(self.served("generator")([latents, labels], training=training), "float32")

    def serving_model(self):
        """A plain `keras.Model`: `[latents, labels]` to samples, float32."""
        labels = keras.Input(
            self.generator.input_shape[1][1:], dtype="float32" if self.vector_labels else "int32", name="label"
        )
        inputs = [keras.Input((self.latent_dim,), name="latent"), labels]
        return keras.Model(inputs, keras.layers.Activation("linear", dtype="float32")(self.served("generator")(inputs)))
