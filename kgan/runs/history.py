"""`history.csv`: what `fit` logged, a row an epoch."""

import csv
import io
import warnings

# What stands in the history beside what `fit` logs.
MEASURED = ("epoch", "seconds", "samples_per_second")


def read_history(task):
    """Rows of `history.csv` as dicts of numbers; none where there is no such file. Rows that are damaged are left out,
    with a warning.
    """
    path, rows = task.out / "history.csv", []
    if not path.exists():
        return rows
    lines = path.read_text(errors="replace").replace("\0", "").splitlines()
    for number, row in enumerate(csv.DictReader(lines, restkey="rest", restval="cut"), 2):
        try:
            values = {
                name: int(value) if name == "epoch" else float(value) for name, value in row.items() if value != ""
            }
            rows.append({"epoch": values["epoch"], "seconds": values["seconds"], **values})
        except (ValueError, TypeError, KeyError):
            warnings.warn(f"Line {number} of {path} is damaged and left out.", stacklevel=2)
    return rows


def write_history(task, rows):
    """Put the rows into `history.csv`, at once and whole."""
    from kgan.callbacks.directories import replace_text

    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, dict.fromkeys(name for row in reversed(rows) for name in row))
    writer.writeheader()
    writer.writerows(rows)
    replace_text(task.out / "history.csv", text.getvalue())


def curves(rows):
    """What the history has of a game: the players' losses first, all else that `fit` logged second; each a dict of
    name to its values, NaN where an epoch has none. Groups that are empty are left out.
    """
    names = [name for name in rows[-1] if name not in MEASURED] if rows else []
    losses = [name for name in names if name.endswith("_loss")]
    groups = losses, [name for name in names if name not in losses]
    return [{name: [row.get(name, float("nan")) for row in rows] for name in group} for group in groups if group]


def draw_curves(task):
    """Draw `losses.png`: the players' losses above, all else that `fit` logged below."""
    from matplotlib.figure import Figure

    from kgan.callbacks.directories import replace

    rows = read_history(task)
    groups = curves(rows)
    if not groups:
        return
    figure = Figure(figsize=(7, 3 * len(groups)), layout="constrained")
    for axes, group in zip(figure.subplots(len(groups), squeeze=False)[:, 0], groups):
        for name, values in group.items():
            axes.plot([row["epoch"] for row in rows], values, label=name.replace("_", " "))
        axes.set_xlabel("epoch")
        axes.legend()
        axes.grid(alpha=0.3)
    replace(task.out / "losses.png", lambda file: figure.savefig(file, format="png", dpi=100))


def duration(seconds):
    """Seconds in words."""
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
