"""The numbers behind recipes/studies/divergences.py: densities on a grid, integrals over it, and what is found by
searching.

A density is an array of its values at the points of an evenly spaced grid `x`; an integral is a trapezoidal sum. All
values are in nats.
"""

import numpy as np


def normal(x, mean, deviation):
    """Density of N(mean, deviation^2) at x."""
    return np.exp(-0.5 * ((x - mean) / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))


def mixture(x, components):
    """Density at x of Gaussians `(weight, mean, deviation)`."""
    return sum(weight * normal(x, mean, deviation) for weight, mean, deviation in components)


def mixture_samples(components, count, random):
    """`count` samples, float64, of Gaussians `(weight, mean, deviation)`."""
    weights, means, deviations = np.array(components).T
    chosen = random.choice(len(weights), size=count, p=weights)
    return random.normal(means[chosen], deviations[chosen])


def expectation(x, density, values):
    """E[values] under a density. Where the density is 0 the value may be infinite and counts for nothing."""
    return np.trapezoid(
        np.multiply(
            density, values, where=density > 0, out=np.zeros(np.broadcast_shapes(np.shape(density), np.shape(values)))
        ),
        x,
    )


def kl(x, p, q):
    """KL(P || Q) = E_P[log p/q]."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return expectation(x, p, np.log(p) - np.log(q))


def jensen_shannon(x, p, q):
    """JSD(P, Q) = KL(P || M)/2 + KL(Q || M)/2 with M = (P + Q)/2, in [0, log 2]."""
    return 0.5 * kl(x, p, (p + q) / 2) + 0.5 * kl(x, q, (p + q) / 2)


def earth_mover(x, p, q):
    """W_1(P, Q): on a line the area between the two distribution functions."""
    step = x[1] - x[0]
    return np.abs(np.cumsum(p - q) * step).sum() * step


def value(x, p, q, logits):
    """V(G, D) = E_P[log D] + E_Q[log(1 - D)] for D = sigmoid(logits) on the grid."""
    return expectation(x, p, -np.logaddexp(0, -logits)) + expectation(x, q, -np.logaddexp(0, logits))


def compute(function, values):
    """A function of tensors (an `f` or its conjugate) at an array, float64: exact to 1e-16 on TensorFlow, to 1e-7
    elsewhere.
    """
    from keras import ops

    return ops.convert_to_numpy(function(ops.convert_to_tensor(values))).astype("float64")


def f_divergence(x, p, q, divergence):
    """D_f(P || Q) = E_Q[f(p/q)] for a `kgan.losses.FDivergence`."""
    return expectation(x, q, compute(divergence.f, p / q))


def slope(f, u, share=1e-3):
    """f'(u) for u > 0, by a central difference."""
    return (compute(f, u * (1 + share)) - compute(f, u * (1 - share))) / (2 * share * u)


def variational_bound(x, p, q, divergence):
    """E_P[T*] - E_Q[f*(T*)] at T* = f'(p/q), where f-GAN's lower bound on D_f(P || Q) touches it; f' by differences."""
    best = slope(divergence.f, p / q)
    return expectation(x, p, best) - expectation(x, q, compute(divergence.conjugate, best))


def conjugate_by_search(f, t, reach=12.0, points=2001):
    """f*(t) = max over u > 0 of u t - f(u): over u = e^-reach ... e^reach, then again between the neighbours of each
    winner.

    Args:
        f: a convex function of tensors.
        t: array `(n,)` at which the maximum is inside that range.

    Returns:
        float64 `(n,)`.
    """
    low, high = np.full(len(t), -reach), np.full(len(t), reach)
    for _ in range(2):
        logs = np.linspace(low, high, points, axis=1)
        lines = np.exp(logs) * np.asarray(t)[:, None] - compute(f, np.exp(logs))
        best, step = lines.argmax(1), (high - low) / (points - 1)
        middle = logs[np.arange(len(t)), best]
        low, high = middle - step, middle + step
    return lines.max(1)


def fit_gaussian(x, p, divergence, rounds=26, side=15):
    """Mean and deviation of the Gaussian q that minimises `divergence(x, p, q)`: a grid over both, drawn in around its
    best point round by round.

    The first grid spans all of x and deviations from a hundredth to the whole of it, so that of several minima the
    deepest is found.
    """
    span = x[-1] - x[0]
    centre, reach = np.array([x[0] + span / 2, np.log(span) - np.log(100) / 2]), np.array([span / 2, np.log(100) / 2])
    for _ in range(rounds):
        means, logs = (np.linspace(c - r, c + r, side) for c, r in zip(centre, reach))
        scores = [[divergence(x, p, normal(x, mean, np.exp(log))) for log in logs] for mean in means]
        # A Gaussian so narrow that its density underflows beside the data's has an infinite divergence, or none.
        best = np.unravel_index(np.argmin(np.where(np.isfinite(scores), scores, np.inf)), (side, side))
        centre, reach = np.array([means[best[0]], logs[best[1]]]), reach * 0.6
    return centre[0], np.exp(centre[1])
