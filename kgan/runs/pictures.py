"""The pictures of a run."""

import re

# What all runs draw beside their samples.
CURVES = ("losses.png",)


def sample_pictures(task):
    """Paths of the pictures in `samples`, by epoch."""
    numbered = {
        int(match[1]): path
        for path in (task.out / "samples").glob("*.png")
        if (match := re.fullmatch(r"epoch-(\d+)\.png", path.name))
    }
    return [numbered[epoch] for epoch in sorted(numbered)]


def own_pictures(task):
    """Paths of what the recipe drew of its own, by name."""
    return [path for path in sorted(task.out.glob("*.png")) if path.name not in CURVES]


def save_figure(figure, path):
    """Put a matplotlib figure at `path`, at once and whole."""
    from kgan.callbacks.directories import replace

    replace(path, lambda file: figure.savefig(file, format="png", dpi=100))


def save_grid(images, path, rows, columns, **names):
    """Put `rows` x `columns` images in [-1, 1] at `path` as one picture, at once and whole; `names` are those of
    `image_grid`.
    """
    from kgan.callbacks.directories import replace
    from kgan.pictures import image_grid

    picture = image_grid(images, rows, columns, **names)
    replace(path, lambda file: picture.save(file, format="png"))


def save_pairs(above, below, path, rows=4, columns=10):
    """Put images `above` what became of them at `path`: `rows` times a row of either."""
    import numpy as np

    starts = range(0, rows * columns, columns)
    images = np.concatenate([part[start : start + columns] for start in starts for part in (above, below)])
    save_grid(images, path, 2 * rows, columns)
