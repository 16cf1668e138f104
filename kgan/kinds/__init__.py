"""The kinds of game: what goes in, and what one asks of a trained one."""

from kgan.kinds.conditional_model import ConditionalModel
from kgan.kinds.coupled_model import CoupledModel
from kgan.kinds.domain_model import DomainModel
from kgan.kinds.latent_model import LatentModel
from kgan.kinds.of_domain import OfDomain
from kgan.kinds.prior import Codes, Normal, Uniform
from kgan.kinds.translation_model import TranslationModel

__all__ = [
    "Codes",
    "ConditionalModel",
    "CoupledModel",
    "DomainModel",
    "LatentModel",
    "Normal",
    "OfDomain",
    "TranslationModel",
    "Uniform",
]
