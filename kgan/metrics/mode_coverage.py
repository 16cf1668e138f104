import keras
import numpy as np

from kgan.metrics.arrays import as_features
from kgan.metrics.mode_report import mode_report
from kgan.metrics.sample_metric import SampleMetric, sample_count


@keras.saving.register_keras_serializable(package="kgan")
class ModeCoverage(SampleMetric):
    """`mode_report` of generated points: modes captured, share of high quality, reverse KL. Real points are not looked
    at.

    Args:
        centres: `(k, d)`, of the mixture's components.
        deviation: standard deviation of each coordinate about a centre, above 0.
        samples: int; 2,500 as in the papers.
        name: by default the protocol, `coverage_2500`.

    Returns:
        dict of three floats, such as `modes_2500`, `high_quality_2500` and `reverse_kl_2500`.

    Raises:
        ValueError: centres that are no finite `(k, d)`, a deviation that is not above 0; see `SampleMetric` and
            `mode_report`.

    Example:

    >>> train = kgan.data.mixture("ring")
    >>> gan = kgan.GAN(generator=kgan.networks.mlp(2, 2), discriminator=kgan.networks.mlp(2, 1))
    >>> gan.compile(metrics=[kgan.metrics.ModeCoverage(train.centres, train.deviation)])
    >>> gan.evaluate(train.images[:2500], return_dict=True)["modes_2500"]

    References:
        Srivastava et al., VEEGAN, NIPS 2017. Lin et al., PacGAN, NeurIPS 2018.
    """

    streams = ("generated",)
    better = {"modes": "up", "high_quality": "up", "reverse_kl": "down"}

    def __init__(self, centres, deviation, samples=2500, name=None):
        super().__init__(None, samples, "coverage", f"_{sample_count(samples)}", name)
        self.centres, self.deviation = as_features(centres, "centres", minimum=1).tolist(), float(deviation)
        if not self.deviation > 0:
            raise ValueError(f"`deviation` must be above 0, not {deviation}.")

    def build(self, sample_shape):
        if tuple(sample_shape) != np.shape(self.centres)[1:]:
            raise ValueError(
                f"The centres are points of {len(self.centres[0])} coordinates, but samples have shape "
                f"{tuple(sample_shape)}."
            )
        super().build(sample_shape)

    def compute(self, points):
        return mode_report(points, self.centres, self.deviation)
