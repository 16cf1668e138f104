import keras
from keras import ops

from kgan.metrics.inception_score import require
from kgan.metrics.sample_metric import SampleMetric, protocol


@keras.saving.register_keras_serializable(package="kgan")
class ClassAccuracy(SampleMetric):
    """Share of generated samples in which a classifier sees the class that was asked for: `update_state(labels,
    generated)`.

    In `compile(metrics=[...])` of a conditional game, `evaluate` asks for the classes of the data.

    Args:
        classifier: network of samples to logits or probabilities `(batch, classes)`, of at least two classes.
        samples: int, how many enter.
        name: by default the protocol, such as `class_accuracy10k_mnist-cnn`.

    Returns:
        float in [0, 1]. The most that can be hoped for is the classifier's own accuracy on real samples.

    Raises:
        ValueError: no classifier, or one of one class; labels that are not integers `(batch,)` or `(batch, 1)`; see
            `SampleMetric`.

    Example:

    >>> metric = kgan.metrics.ClassAccuracy(kgan.metrics.Judge("digits", output="logits"), samples=297)
    >>> images, labels = kgan.data.digits(28, "test", labels=True, batch_size=297)[0]
    >>> metric.update_state(labels, images)

    References:
        Odena et al., "Conditional Image Synthesis with Auxiliary Classifier GANs", 2017.
            https://arxiv.org/abs/1610.09585
    """

    streams = ("generated",)
    takes = ("labels", "generated")
    network_argument = "classifier"
    better = {"mean": "up"}

    def __init__(self, classifier, samples=10_000, name=None):
        require(classifier, self)
        super().__init__(classifier, samples, "class_accuracy", protocol(samples, "", classifier), name)

    def create(self, width):
        if width < 2:
            raise ValueError("The classifier has one class: accuracy needs at least two.")
        self.correct = self.add_variable((), "zeros", name="correct")

    def update_state(self, labels, generated):
        """Take in a batch of integer labels `(batch,)` and of the samples generated for them."""
        self.prepare(generated)
        if self.looks_at_images(generated):
            self.check_range(generated)
        labels = as_labels(labels)
        right = ops.equal(ops.argmax(self.rows(generated), axis=-1), ops.cast(labels, "int32"))
        enters = self.places("generated", ops.shape(labels)[0]) < self.samples
        self.correct.assign(self.correct.value + ops.sum(ops.cast(ops.logical_and(right, enters), "float32")))

    def result(self):
        self.check_complete()
        return float(self.read(self.correct)) / self.samples


def as_labels(labels):
    """Labels as an integer tensor `(batch,)`."""
    labels = ops.convert_to_tensor(labels)
    if len(labels.shape) == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if len(labels.shape) != 1 or "int" not in keras.backend.standardize_dtype(labels.dtype):
        one_hot = "one-hot rows become integers by `labels.argmax(-1)`"
        hint = "whole numbers become integers by `labels.astype('int32')`" if len(labels.shape) == 1 else one_hot
        raise ValueError(f"Labels must be integers (batch,), not {labels.dtype} {tuple(labels.shape)}: {hint}.")
    return ops.cast(labels, "int32")
