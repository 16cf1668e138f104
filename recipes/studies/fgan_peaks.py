"""The same players on peaks by every f-divergence in turn: which finds how many of them? `python recipes/fgan.py
--dataset ring_by_each` and `grid_by_each` run it.

It is a race of training as much as of divergences, in which a divergence may lose that exact minimisation would favour:
that is the experiment of fgan_fits.py.
"""

import csv
import json
import math
import time

from kgan.runs import save_figure

MIXTURES = {"ring_by_each": "ring", "grid_by_each": "grid"}
ROW = "{:18}{:>8}{:>14}{:>13}{:>10}"


def by_each(task, build, divergences):
    """Train what `build(task)` makes by each of the divergences: print the modes that each finds, draw its samples."""
    import keras

    import kgan
    from kgan.runs.scores import SAMPLES, mixture_scores

    name, options, began = MIXTURES[task.options.dataset], task.options, time.perf_counter()
    task.data = kgan.data.mixture(name, batch_size=options.batch_size, seed=options.seed)
    rows, clouds, measured = [], {}, {}
    print(ROW.format("divergence", "modes", "high quality", "reverse KL", "seconds"))
    for divergence in [options.divergence] if options.divergence else divergences:
        started, options.divergence = time.perf_counter(), divergence
        keras.utils.set_random_seed(options.seed)
        gan = build(task)
        gan.fit(task.data, epochs=options.epochs, verbose=0)
        measured = mixture_scores(gan.generate, task.data, name)
        rows.append((divergence, *measured["scores"].values()))
        clouds[divergence] = gan.generate(SAMPLES, seed=0)
        values, seconds = [f"{value:.4g}" for value in measured["scores"].values()], time.perf_counter() - started
        print(ROW.format(divergence, *values, f"{seconds:.1f}"), flush=True)
    print(ROW.format("(true samples)", *(f"{value:.4g}" for value in measured["floors"].values()), ""))
    keep(task, rows, measured["floors"], time.perf_counter() - began)
    draw_clouds(clouds, task.data, task.out / "modes.png")
    print(f"\n  samples       {task.out / 'modes.png'}\n  scores        {task.out / 'modes.csv'}")


def keep(task, rows, floors, seconds):
    """Write `modes.csv` and `scores.json`."""
    with open(task.out / "modes.csv", "w", newline="") as file:
        csv.writer(file).writerows([("divergence", *floors), *rows])
    # JSON has no infinity, which the reverse KL is where no sample hits a peak.
    finite = [(name, [value if math.isfinite(value) else None for value in values]) for name, *values in rows]
    scores = {f"{key}_{name}": value for name, values in finite for key, value in zip(floors, values)}
    what = {"recipe": "fgan", "dataset": task.options.dataset, "seed": task.options.seed, "seconds": round(seconds, 1)}
    (task.out / "scores.json").write_text(json.dumps({**what, "scores": scores, "floors": floors}, indent=2) + "\n")


def draw_clouds(clouds, data, path):
    """The samples of each divergence beside each other, over crosses at the peaks."""
    import numpy as np
    from matplotlib.figure import Figure

    columns, reach = min(5, len(clouds)), 1.3 * np.abs(data.centres).max()
    figure = Figure(figsize=(2.6 * columns, 2.8 * -(-len(clouds) // columns)), layout="constrained")
    panels = figure.subplots(-(-len(clouds) // columns), columns, squeeze=False)
    for (name, points), axes in zip(clouds.items(), panels.flat):
        axes.plot(*data.centres.T, "+", color="0.6", markersize=10)
        axes.scatter(*points.T, s=2, alpha=0.4, color="#00607a", linewidths=0)
        axes.set(title=name.replace("_", " "), xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        axes.set_axis_off()
    save_figure(figure, path)
