"""Clouds of points in the plane."""

import io

import numpy as np


def draw_cloud(points, centres=None, limits=None, title=None, side=500):
    """A picture of a cloud of points.

    Args:
        points: array `(n, 2)`.
        centres: array `(k, 2)` of modes to mark, or None.
        limits: `(low, high)` of both axes; by default the power of 2 that holds 99 % of the points.
        title: text above.
        side: pixels.

    Returns:
        `PIL.Image.Image`, RGB.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    points = points[np.isfinite(points).all(axis=1)]
    if limits is None:
        reach = 2 ** np.ceil(np.log2(max(np.quantile(np.abs(points), 0.99) if len(points) else 1.0, 0.25)))
        limits = -reach, reach
    figure = Figure((side / 100, side / 100), dpi=100, layout="constrained")
    canvas, axes = FigureCanvasAgg(figure), figure.add_subplot(aspect="equal", xlim=limits, ylim=limits)
    if centres is not None:
        axes.scatter(*np.asarray(centres).T, s=120, facecolors="none", edgecolors="#d1495b", linewidths=1.2)
    axes.scatter(*points.T, s=4, color="#00607a", alpha=0.5, linewidths=0)
    axes.set_title(title)
    memory = io.BytesIO()
    canvas.print_png(memory)
    return Image.open(memory).convert("RGB")
