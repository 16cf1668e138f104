"""Curves as SVG that stands inside a page and takes its colours."""

import html
import math

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 240, 76, 32, 14, 12
# Variables of the page's style sheet.
COLOURS = ("--one", "--two", "--three", "--four", "--five", "--six")


def chart(epochs, curves, title, bottom=math.inf):
    """Curves over the epochs, with axes and a legend, as text of SVG and HTML.

    Args:
        epochs: list of numbers.
        curves: dict of name to its values, one an epoch; those that are not finite are left out.
        title: what the picture shows, for who cannot see it; the curves' names are added.
        bottom: value that the vertical axis has in any case.
    """
    finite = [value for values in curves.values() for value in values if math.isfinite(value)]
    if not finite:
        return ""
    low, high = min(*finite, bottom), max(finite)
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    first, last = min(epochs), max(max(epochs), min(epochs) + 1)

    def place(epoch, value):
        x = LEFT + (WIDTH - LEFT - RIGHT) * (epoch - first) / (last - first)
        return f"{x:.1f},{HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (value - low) / (high - low):.1f}"

    lines, names = [], []
    for index, (name, values) in enumerate(curves.items()):
        colour = f"var({COLOURS[index % len(COLOURS)]})"
        style = f'stroke="{colour}"' + (' stroke-dasharray="5 3"' if index >= len(COLOURS) else "")
        for part in unbroken(epochs, values):
            lines.append(f'<polyline {style} points="{" ".join(place(*point) for point in part)}"/>')
        label = html.escape(name.replace("_", " "))
        names.append(f'<li><i style="background:{colour}"></i>{label} <b>{values[-1]:.4g}</b></li>')
    told = html.escape(f"{title}: {', '.join(curves)}".replace("_", " "))
    drawn = "\n".join([*axes(first, last, low, high), *lines])
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{told}">\n{drawn}\n</svg>'
        f'<figcaption><ul class="legend">{"".join(names)}</ul></figcaption></figure>'
    )


def unbroken(epochs, values):
    """The points `(epoch, value)` of a curve in parts without a gap; one that stands alone is drawn as a dash."""
    parts = [[]]
    for epoch, value in zip(epochs, values):
        if math.isfinite(value):
            parts[-1].append((epoch, value))
        else:
            parts.append([])
    return [part if len(part) > 1 else [part[0], (part[0][0] + 0.2, part[0][1])] for part in parts if part]


def axes(first, last, low, high):
    """Four grid lines with their values, and the first and the last epoch."""
    drawn = []
    for step in range(5):
        y = HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * step / 4
        value = low + (high - low) * step / 4
        drawn.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        drawn.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.3g}</text>')
    drawn.append(f'<text x="{LEFT}" y="{HEIGHT - 8}">epoch {first:g}</text>')
    drawn.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{last:g}</text>')
    return drawn
