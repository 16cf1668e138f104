import keras
import numpy as np
from keras import ops

from kgan.engine.backend import double_precision
from kgan.metrics.arrays import as_array, as_features
from kgan.metrics.sample_metric import SampleMetric, protocol


def frechet_distance(real, generated):
    """Distance of two normal distributions that have the means and covariances of the features: FID, where a network
    trained elsewhere computes them.

        d^2 = ||m1 - m2||^2 + Tr(S1 + S2 - 2 (S1 S2)^(1/2)),   S with n - 1 in the denominator

    Tr (S1 S2)^(1/2) is the sum of the singular values of S1^(1/2) S2^(1/2): it is real and not negative for whatever
    covariances, singular ones included (fewer samples than features, constant images). The score grows as samples get
    fewer, for equal distributions too: compare at equal sizes only.

    Args:
        real, generated: features `(n, d)` with n of at least 2, or a tuple of mean `(d,)` and covariance `(d, d)`. The
            two n may differ.

    Returns:
        float, at least 0.

    Raises:
        ValueError: other shapes, values that are not finite, a covariance that is not symmetric.

    Example:

    >>> real, generated = np.ones((100, 2)), 9 * np.ones((100, 2))
    >>> real[:50, 0], generated[50:, 0] = 2, 2
    >>> round(kgan.metrics.frechet_distance(real, generated), 4)
    89.0909

    References:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", 2017.
            https://arxiv.org/abs/1706.08500
    """
    (first_mean, first), (second_mean, second) = moments(real, "real"), moments(generated, "generated")
    if len(first_mean) != len(second_mean):
        raise ValueError(
            f"`real` has {len(first_mean)} features a sample and `generated` {len(second_mean)}: both must come from "
            f"the same network."
        )
    overlap = np.linalg.svd(root(first).T @ root(second), compute_uv=False).sum()
    return float(max(0.0, np.square(first_mean - second_mean).sum() + np.trace(first) + np.trace(second) - 2 * overlap))


def moments(values, name):
    """Mean and covariance of features, or the pair of them that was given."""
    if not isinstance(values, tuple):
        features = as_features(values, name)
        mean = features.mean(0)
        deviations = features - mean
        return mean, deviations.T @ deviations / (len(features) - 1)
    mean, covariance = (as_array(part, name) for part in values)
    if mean.ndim != 1 or covariance.shape != (len(mean), len(mean)):
        raise ValueError(
            f"`{name}` must be features (n, d) or a tuple of mean (d,) and covariance (d, d), not {mean.shape} and "
            f"{covariance.shape}."
        )
    if not np.allclose(covariance, covariance.T, rtol=1e-6, atol=1e-9 * np.abs(covariance).max(initial=0)):
        raise ValueError(f"The covariance of `{name}` is not symmetric.")
    return mean, (covariance + covariance.T) / 2


def root(covariance):
    """R with R R^T = covariance: Cholesky's where it is regular, else by eigenvalues, of which those that are 0 but for
    rounding are dropped.
    """
    precision = len(covariance) * np.finfo("float64").eps
    try:
        factor = np.linalg.cholesky(covariance)
        if np.square(np.diag(factor)).min() > precision * np.diag(covariance).max():
            return factor
    except np.linalg.LinAlgError:
        pass
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.where(values > precision * max(values[-1], 0), values, 0))


@keras.saving.register_keras_serializable(package="kgan")
class FrechetDistance(SampleMetric):
    """`frechet_distance` of real and generated samples (FID), in memory that does not grow with their number: O(d^2)
    for d features.

    Counts, sums and sums of outer products are computed in float64 on every backend, in JAX's 32-bit mode too.

    Args:
        features: network of samples to features `(batch, d)`; None takes the samples themselves, flattened.
        samples: int. 10,000 is the protocol of Lucic et al. (2018) for small images, 50,000 the usual one for large
            ones.
        split: what the real samples are, for the name.
        name: by default the protocol, such as `fid10k_test_mnist-cnn`.

    Returns:
        float, at least 0; lower is better. The least that can be hoped for is not 0 but `floor(metric, real,
        other_real)`.

    Raises:
        ValueError: see `SampleMetric` and `frechet_distance`.

    Example:

    >>> gan = kgan.DCGAN(image_shape=(28, 28, 1))
    >>> gan.compile(metrics=[kgan.metrics.FrechetDistance(kgan.metrics.Judge("mnist"))])
    >>> gan.evaluate(kgan.data.load("mnist", split="test"), return_dict=True)["fid10k_test_mnist-cnn"]

    References:
        Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", 2017.
            https://arxiv.org/abs/1706.08500
        Lucic et al., "Are GANs Created Equal?", 2018. https://arxiv.org/abs/1711.10337
    """

    better = {"mean": "down"}
    least = 2

    def __init__(self, features=None, samples=10_000, split="test", name=None):
        super().__init__(features, samples, "fid", protocol(samples, split, features), name)
        self.split = split

    def create(self, width):
        shapes = {"sum": (width,), "products": (width, width)}
        # A float64 as two float32s: the parts add up over replicas as the whole does.
        self.totals = {
            stream: {
                name: [self.add_variable(shape, "zeros", name=f"{stream}_{name}_{part}") for part in ("high", "low")]
                for name, shape in shapes.items()
            }
            for stream in self.streams
        }

    def keep(self, stream, rows, places):
        rows = ops.where(ops.expand_dims(places < self.samples, 1), rows, 0.0)
        with double_precision():
            rows = ops.cast(rows, "float64")
            add(self.totals[stream]["sum"], ops.sum(rows, axis=0))
            # Not ops.matmul, which returns float32 on PyTorch.
            add(self.totals[stream]["products"], ops.transpose(rows) @ rows)

    def result(self):
        self.check_complete()
        return frechet_distance(*(self.moments(stream) for stream in self.streams))

    def moments(self, stream):
        """Mean `(d,)` and covariance `(d, d)` of what came."""
        total, products = (
            sum(self.read(part).astype("float64") for part in pair) for pair in self.totals[stream].values()
        )
        if not np.isfinite(products).all():
            raise ValueError(
                f"The {stream} samples have features that are not finite (NaN or infinite): no score follows from them."
            )
        mean = total / self.samples
        return mean, (products - self.samples * np.outer(mean, mean)) / (self.samples - 1)


def add(pair, term):
    """Add a float64 tensor to the number that the variables `pair` hold, in a context of double precision."""
    high, low = pair
    total = ops.cast(high.value, "float64") + ops.cast(low.value, "float64") + term
    # Dekker's splitting. The high part has 16 bits, so that float32 adds those of many replicas without rounding.
    scaled = total * (2.0**37 + 1)
    leading = scaled - (scaled - total)
    high.assign(ops.cast(leading, "float32"))
    low.assign(ops.cast(total - leading, "float32"))
