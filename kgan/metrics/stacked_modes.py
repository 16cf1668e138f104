import keras
import numpy as np
from keras import ops

from kgan.metrics.arrays import as_array
from kgan.metrics.inception_score import require
from kgan.metrics.sample_metric import SampleMetric, protocol


def stacked_modes(digits, classes=10):
    """How many of the classes^3 triples of digits samples show, and how evenly: stacked MNIST's modes and KL(shares ||
    uniform), in nats.

    Both depend on the number of samples. True stacked MNIST has, with 26,000 of them, all 1000 modes and a KL of 0.024;
    with 5,000, 992.5 modes and 0.110; with 1,000, 633 modes and 0.572.

    Args:
        digits: int `(n, 3)`, the class of each channel, in 0..classes - 1.
        classes: of one channel.

    Returns:
        dict: `modes`, an int in 1..classes^3, and `kl`, a float in [0, 3 ln classes].

    Raises:
        ValueError: other shapes or values, no samples.

    Example:

    >>> kgan.metrics.stacked_modes([[0, 0, 1], [0, 0, 1], [9, 9, 9]])["modes"]
    2

    References:
        Srivastava et al., VEEGAN, NIPS 2017. Lin et al., PacGAN, NeurIPS 2018.
    """
    digits = as_array(digits, "digits")
    if digits.ndim != 2 or digits.shape[1] != 3 or not len(digits):
        raise ValueError(f"`digits` must be (n, 3), one class a channel, not {digits.shape}.")
    if (digits != np.floor(digits)).any() or digits.min() < 0 or digits.max() >= classes:
        raise ValueError(
            f"`digits` must be integers in 0..{classes - 1}, but go from {digits.min():g} to {digits.max():g}."
        )
    return evenness(np.bincount((digits @ [classes**2, classes, 1]).astype(int), minlength=classes**3))


def evenness(counts):
    """Number of modes that were counted at all, and KL of their shares from the uniform distribution."""
    shares = counts[counts > 0] / counts.sum()
    return {
        "modes": int(np.count_nonzero(counts)),
        "kl": float(max(0.0, np.log(len(counts)) + (shares * np.log(shares)).sum())),
    }


@keras.saving.register_keras_serializable(package="kgan")
class StackedModes(SampleMetric):
    """`stacked_modes` of generated images, each of whose three channels a judge reads; memory does not grow with their
    number. Real ones are not looked at.

    Args:
        judge: classifier of images `(batch, height, width, 1)` in [-1, 1] to logits or probabilities of 10 classes.
        samples: int. 26,000 is VEEGAN's and PacGAN's; the KL has a floor that grows as samples get fewer.
        name: by default the protocol, `stacked_26k_mnist-cnn`.

    Returns:
        dict of two floats, such as `modes_stacked_26k_mnist-cnn` and `kl_stacked_26k_mnist-cnn`.

    Raises:
        ValueError: no judge, a judge of other than 10 classes, images of other than three channels; see `SampleMetric`.

    Example:

    >>> metric = kgan.metrics.StackedModes(kgan.metrics.Judge("mnist", output="logits"))

    References:
        Srivastava et al., VEEGAN, NIPS 2017. Lin et al., PacGAN, NeurIPS 2018.
    """

    streams = ("generated",)
    network_argument = "judge"
    better = {"modes": "up", "kl": "down"}

    def __init__(self, judge, samples=26_000, name=None):
        require(judge, self)
        super().__init__(judge, samples, "", f"stacked_{protocol(samples, '', judge)}", name)

    def create(self, width):
        self.counts = self.add_variable((1000,), "zeros", name="counts")

    def rows(self, samples):
        """One-hot rows of the 1000 modes."""
        if len(samples.shape) != 4 or samples.shape[-1] != 3:
            raise ValueError(
                f"Stacked digits are images of three channels, (batch, height, width, 3), not {tuple(samples.shape)}."
            )
        samples = ops.cast(samples, "float32")
        digits = [ops.argmax(self.scores(samples[..., channel : channel + 1]), axis=-1) for channel in range(3)]
        return ops.one_hot(100 * digits[0] + 10 * digits[1] + digits[2], 1000, dtype="float32")

    def scores(self, channel):
        scores = super().rows(channel)
        if scores.shape[1] != 10:
            raise ValueError(f"The judge of stacked digits must tell 10 classes, not {scores.shape[1]}.")
        return scores

    def keep(self, stream, rows, places):
        self.counts.assign(
            self.counts.value + ops.sum(ops.where(ops.expand_dims(places < self.samples, 1), rows, 0.0), axis=0)
        )

    def result(self):
        self.check_complete()
        return {self.log_name(part): float(value) for part, value in evenness(self.read(self.counts)).items()}
