"""How a game of several players is played on any Keras backend."""

from kgan.engine.adversarial_model import AdversarialModel
from kgan.engine.backend import gradient, input_gradient, own_share, record
from kgan.engine.batches import Batches

__all__ = [
    "AdversarialModel",
    "Batches",
    "gradient",
    "input_gradient",
    "own_share",
    "record",
]
