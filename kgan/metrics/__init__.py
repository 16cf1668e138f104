"""How good generated samples are: functions of arrays of features, Keras metrics that `compile(metrics=[...])` takes,
and the networks that look at images.
"""

from kgan.metrics.bleu import bleu, self_bleu
from kgan.metrics.class_accuracy import ClassAccuracy
from kgan.metrics.class_diversity import ClassDiversity
from kgan.metrics.cycle_robustness import cycle_robustness
from kgan.metrics.density_coverage import DensityCoverage, density_coverage
from kgan.metrics.floor import floor
from kgan.metrics.frechet_distance import FrechetDistance, frechet_distance
from kgan.metrics.inception import Inception
from kgan.metrics.inception_score import InceptionScore, inception_score
from kgan.metrics.judge import Judge
from kgan.metrics.kernel_distance import KernelDistance, kernel_distance
from kgan.metrics.l1 import L1, l1
from kgan.metrics.mode_coverage import ModeCoverage
from kgan.metrics.mode_report import mode_report
from kgan.metrics.multiscale_ssim import multiscale_ssim
from kgan.metrics.nearest_neighbour_test import NearestNeighbourTest, nearest_neighbour_test
from kgan.metrics.perceptual_path_length import perceptual_path_length
from kgan.metrics.pixel_agreement import PixelAgreement, pixel_agreement
from kgan.metrics.precision_recall import PrecisionRecall, precision_recall
from kgan.metrics.psnr import PSNR, psnr
from kgan.metrics.sample_metric import SampleMetric
from kgan.metrics.sliced_wasserstein import SlicedWasserstein, sliced_wasserstein
from kgan.metrics.ssim import SSIM, ssim
from kgan.metrics.stacked_modes import StackedModes, stacked_modes

__all__ = [
    "ClassAccuracy",
    "ClassDiversity",
    "DensityCoverage",
    "FrechetDistance",
    "Inception",
    "InceptionScore",
    "Judge",
    "KernelDistance",
    "L1",
    "ModeCoverage",
    "NearestNeighbourTest",
    "PSNR",
    "PixelAgreement",
    "PrecisionRecall",
    "SSIM",
    "SampleMetric",
    "SlicedWasserstein",
    "StackedModes",
    "bleu",
    "cycle_robustness",
    "density_coverage",
    "floor",
    "frechet_distance",
    "inception_score",
    "kernel_distance",
    "l1",
    "mode_report",
    "multiscale_ssim",
    "nearest_neighbour_test",
    "perceptual_path_length",
    "pixel_agreement",
    "precision_recall",
    "psnr",
    "self_bleu",
    "sliced_wasserstein",
    "ssim",
    "stacked_modes",
]
