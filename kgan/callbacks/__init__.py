"""What `fit` does besides training: pictures, checkpoints, averages, clipping, guards, a diagnosis. All are plain Keras
callbacks.
"""

from kgan.callbacks.checkpoint import Checkpoint
from kgan.callbacks.cycle_robustness import CycleRobustness
from kgan.callbacks.diagnosis import Diagnosis
from kgan.callbacks.ema import EMA
from kgan.callbacks.for_player import ForPlayer
from kgan.callbacks.interpolation import Interpolation
from kgan.callbacks.nan_guard import NaNGuard
from kgan.callbacks.nearest_neighbours import NearestNeighbours
from kgan.callbacks.sample_cloud import SampleCloud
from kgan.callbacks.sample_grid import SampleGrid
from kgan.callbacks.sheet import Sheet
from kgan.callbacks.weight_clipping import WeightClipping

__all__ = [
    "EMA",
    "Checkpoint",
    "CycleRobustness",
    "Diagnosis",
    "ForPlayer",
    "Interpolation",
    "NaNGuard",
    "NearestNeighbours",
    "SampleCloud",
    "SampleGrid",
    "Sheet",
    "WeightClipping",
]
