"""Curves of what is left of a way back under disturbance."""

import io


def draw_robustness(found, title=None, side=500):
    """A picture of errors over the noise that a translation was disturbed by, and over JPEG and rounding beside it.

    Args:
        found: dict of direction to what `kgan.metrics.cycle_robustness` returns.
        title: text above.
        side: pixels of the height; the picture is twice as wide.

    Returns:
        `PIL.Image.Image`, RGB.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure((2 * side / 100, side / 100), dpi=100, layout="constrained")
    canvas = FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharey=True)
    for index, (direction, errors) in enumerate(found.items()):
        noises = {float(name.split()[1]): error for name, error in errors.items() if name.startswith("noise")}
        others = {name: error for name, error in errors.items() if not name.startswith("noise")}
        colour = f"C{index}"
        left.plot(list(noises), list(noises.values()), "o-", color=colour, label=direction)
        right.plot(list(others), list(others.values()), "o", color=colour, label=direction)
        for axes in (left, right):
            axes.axhline(min(errors.values()), color=colour, linewidth=0.7, linestyle=":")
    left.set(xlabel="deviation of the noise in between", ylabel="error of a pixel after the way back", ylim=(0, None))
    left.legend()
    right.set_xlabel("written in between as")
    figure.suptitle(title)
    memory = io.BytesIO()
    canvas.print_png(memory)
    return Image.open(memory).convert("RGB")
