"""How many modes of a mixture of Gaussians a sample covers, and how evenly."""

import numpy as np


def mode_report(points, centres, deviation):
    """Modes captured, share of high-quality samples and reverse KL divergence, as VEEGAN and PacGAN define them.

    A sample is of high quality if it lies within 3 standard deviations of its nearest centre. A mode is captured if it
    is the nearest centre of one such sample. The reverse KL divergence is that of the shares p of the modes in the
    high-quality samples from the uniform distribution: KL(p || u) = ln k - H(p), in nats.

    The papers take 2,500 samples. Even true ones then have a high quality of 1 - exp(-4.5) = 0.9889, not 1, and a
    reverse KL of about (k - 1) / 2 / 2500: 0.0014 for 8 modes, 0.0049 for 25. Clearly more than 0.9889 is the mark of
    modes that have collapsed.

    Args:
        points: `(n, 2)`, or `(n, d)` for centres in d dimensions, on the scale of the centres. A point that is not
            finite is not of high quality.
        centres: `(k, d)`.
        deviation: standard deviation of each coordinate about a centre, above 0.

    Returns:
        dict: `modes`, an int in 0..k; `high_quality`, a float in [0, 1]; `reverse_kl`, a float in [0, ln k]. Without a
        single high-quality sample they are 0,
            0.0 and inf.

    Raises:
        ValueError: shapes other than these, no points, or a deviation that is not above 0.

    Example:

    >>> points = [[0.0, 0.0], [0.01, 0.0], [9.0, 9.0], [1.0, 1.0]]
    >>> kgan.metrics.mode_report(points, centres=[[0.0, 0.0], [1.0, 1.0]], deviation=0.1)
    {'modes': 2, 'high_quality': 0.75, 'reverse_kl': 0.05663301226513262}

    References:
        Srivastava et al., VEEGAN, NIPS 2017. Lin et al., PacGAN, NeurIPS 2018.
    """
    points, centres = np.asarray(points, "float64"), np.asarray(centres, "float64")
    if (
        points.ndim != 2
        or centres.ndim != 2
        or points.shape[1] != centres.shape[1]
        or not len(points)
        or not len(centres)
    ):
        raise ValueError(f"`points` must be (n, d) and `centres` (k, d), not {points.shape} and {centres.shape}.")
    if not deviation > 0:
        raise ValueError(f"`deviation` must be above 0, not {deviation}.")
    distances = np.stack([np.linalg.norm(points - centre, axis=1) for centre in centres], axis=1)
    counts = np.bincount(distances.argmin(1)[distances.min(1) <= 3 * deviation], minlength=len(centres))
    if not counts.any():
        return {"modes": 0, "high_quality": 0.0, "reverse_kl": float("inf")}
    shares = counts[counts > 0] / counts.sum()
    divergence = np.log(len(centres)) + np.sum(shares * np.log(shares))
    return {
        "modes": int(np.count_nonzero(counts)),
        "high_quality": float(counts.sum() / len(points)),
        "reverse_kl": float(max(0.0, divergence)),
    }
