"""What draws: grids of images, clouds of points, sheets of translations, curves of what they hide."""

from kgan.pictures.cloud import draw_cloud
from kgan.pictures.grid import check_images, image_grid
from kgan.pictures.robustness import draw_robustness
from kgan.pictures.sheet import draw_sheet

__all__ = ["check_images", "draw_cloud", "draw_robustness", "draw_sheet", "image_grid"]
