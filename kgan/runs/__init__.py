"""Runs: what recipes share, and a script or a notebook of one's own imports.

A recipe gives `run` a function that builds its compiled game, and its settings per data set; it imports Keras inside
that function, so that `--help` and a mistyped option are answered at once and TensorFlow starts in silence.
"""

from kgan.runs.command_line import positive, share
from kgan.runs.data_sets import JUDGED, is_folder
from kgan.runs.endings import Ended, Mistake
from kgan.runs.history import read_history
from kgan.runs.loading import test_split
from kgan.runs.pictures import save_figure, save_grid, save_pairs
from kgan.runs.recipe import run
from kgan.runs.reported import Reported, spread
from kgan.runs.scores import judged
from kgan.runs.setting_up import silence
from kgan.runs.task import Task
from kgan.runs.translation import TRANSLATION_FIGURES, TRANSLATION_LESS, translation_scores

__all__ = [
    "JUDGED",
    "TRANSLATION_FIGURES",
    "TRANSLATION_LESS",
    "Ended",
    "Mistake",
    "Reported",
    "Task",
    "is_folder",
    "judged",
    "positive",
    "read_history",
    "run",
    "save_figure",
    "save_grid",
    "save_pairs",
    "share",
    "silence",
    "spread",
    "test_split",
    "translation_scores",
]
