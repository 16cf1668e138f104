"""Adversarial losses, f-divergences and penalties: functions of logits that return one float32 value per sample."""

from kgan.losses.adversarial_loss import AdversarialLoss
from kgan.losses.classification import cross_entropy, exclusion
from kgan.losses.distances import mean_absolute_error, mean_squared_error
from kgan.losses.f_divergence import (
    KL,
    Alpha,
    FDivergence,
    GANDivergence,
    Jeffrey,
    JensenShannon,
    Neyman,
    Pearson,
    ReverseKL,
    SquaredHellinger,
    TotalVariation,
    get_divergence,
)
from kgan.losses.hinge import Hinge
from kgan.losses.least_squares import LeastSquares
from kgan.losses.lookup import resolve
from kgan.losses.minimax import Minimax
from kgan.losses.non_saturating import NonSaturating
from kgan.losses.penalties import dragan_penalty, gradient_penalty, zero_centered_penalty
from kgan.losses.relativistic import Relativistic
from kgan.losses.wasserstein import Wasserstein

__all__ = [
    "AdversarialLoss",
    "Alpha",
    "FDivergence",
    "GANDivergence",
    "Hinge",
    "Jeffrey",
    "JensenShannon",
    "KL",
    "LeastSquares",
    "Minimax",
    "Neyman",
    "NonSaturating",
    "Pearson",
    "Relativistic",
    "ReverseKL",
    "SquaredHellinger",
    "TotalVariation",
    "Wasserstein",
    "cross_entropy",
    "dragan_penalty",
    "exclusion",
    "get",
    "get_divergence",
    "gradient_penalty",
    "mean_absolute_error",
    "mean_squared_error",
    "zero_centered_penalty",
]


def get(identifier):
    """An adversarial loss by its name.

    Args:
        identifier: "minimax", "non_saturating", "least_squares", "hinge", "wasserstein" or "relativistic"; or an
            `AdversarialLoss`, which is returned as it is; or a subclass of it, which is called without arguments.

    Returns:
        An `AdversarialLoss`.

    Raises:
        ValueError: for anything else.

    Example:

    >>> type(kgan.losses.get("hinge")).__name__
    'Hinge'
    """
    choices = {
        "minimax": Minimax,
        "non_saturating": NonSaturating,
        "least_squares": LeastSquares,
        "hinge": Hinge,
        "wasserstein": Wasserstein,
        "relativistic": Relativistic,
    }
    return resolve(identifier, choices, AdversarialLoss, "adversarial loss")
