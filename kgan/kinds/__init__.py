"""The kinds of game: what goes in, and what one asks of a trained one."""

from kgan.kinds.completion_model import CompletionModel
from kgan.kinds.conditional_model import ConditionalModel
from kgan.kinds.coupled_model import CoupledModel
from kgan.kinds.domain_model import DomainModel
from kgan.kinds.holes import Holes, Masks, Rectangle
from kgan.kinds.latent_model import LatentModel
from kgan.kinds.of_domain import OfDomain
from kgan.kinds.pooled_domain_model import PooledDomainModel
from kgan.kinds.prior import Codes, Normal, Uniform
from kgan.kinds.sequence_model import SequenceModel
from kgan.kinds.translation_model import TranslationModel

__all__ = [
    "Codes",
    "CompletionModel",
    "ConditionalModel",
    "CoupledModel",
    "DomainModel",
    "Holes",
    "LatentModel",
    "Masks",
    "Normal",
    "OfDomain",
    "PooledDomainModel",
    "Rectangle",
    "SequenceModel",
    "TranslationModel",
    "Uniform",
]
