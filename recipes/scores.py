"""What can be measured of generated samples without a person who looks, and the floor of each measure: the same of real
samples.
"""

import json
import warnings

import numpy as np
from run_folder import numbers
from runner import is_folder

import kgan
from kgan.callbacks.directories import replace_text

SAMPLES, STACKS, JUDGED_SAMPLES = 2500, 26_000, 10_000
JUDGED = ("digits", "mnist", "fashion_mnist")


def scores(task, gan, history):
    """What can be measured of a run's samples, each beside its floor, as lines of text. Kept as numbers in
    `scores.json`.

    Args:
        task: a `Task`, or whatever has `recipe`, `options`, `data` and `out`.
        gan: the trained game, or whatever has `generate(n, seed=...)`.
        history: rows of the training, dicts with at least `seconds`.
    """
    measured, name = {"scores": {}, "floors": {}}, task.options.dataset
    parts = []
    if getattr(task.data, "centres", None) is not None:
        parts.append(mixture_scores(gan.generate, task.data, name))
    elif name == "stacked_mnist":
        parts.append(stacked_scores(gan.generate, task.data))
    elif name in JUDGED:
        test = test_split(task)
        parts.append(image_scores(gan.generate, task.data, test, name))
        parts += [condition_scores(gan, test, name)] if task.rows is not None else []
    parts += [task.measure(task, gan)] if task.measure else []
    if not parts:
        return {}
    for part in parts:
        for kind, values in part.items():
            measured[kind] |= values
    measured["scores"] |= critic_correlation(history)
    seconds = round(sum(row["seconds"] for row in history), 1)
    record = {"recipe": task.recipe, "dataset": name, "seed": task.options.seed, "seconds": seconds, **measured}
    try:
        replace_text(task.out / "scores.json", json.dumps(numbers(record), indent=2, allow_nan=False) + "\n")
    except OSError as error:
        warnings.warn(f"The scores are not written: {error}", RuntimeWarning, stacklevel=2)
    floors = {name: f" (floor {value:.4g})" for name, value in measured["floors"].items()}
    return {name: f"{value:.4g}{floors.get(name, '')}" for name, value in measured["scores"].items()}


def critic_correlation(history):
    """How closely a critic's estimate of the distance follows the sliced Wasserstein distance of held-out data, epoch
    by epoch, where both were logged.
    """
    column = next((name for name in (history or [{}])[0] if name.startswith("val_sliced_wasserstein")), None)
    if column is None or len(history) < 3:
        return {}
    return {
        "critic_correlation": float(
            np.corrcoef([-row["discriminator_loss"] for row in history], [row[column] for row in history])[0, 1]
        )
    }


def mixture_scores(generate, data, name):
    """Modes, high quality and reverse KL of 2,500 samples; the floor is that of as many true ones."""

    def report(points):
        return kgan.metrics.mode_report(points, data.centres, data.deviation)

    return {
        "scores": report(generate(SAMPLES, seed=0)),
        "floors": report(kgan.data.mixture(name, SAMPLES, seed=data.seed + 1).images),
    }


def stacked_scores(generate, data):
    """Modes of stacked MNIST and the KL divergence of their histogram, on 26,000 samples; the floor is that of the
    data's own stacks.
    """

    def measure(images):
        metric = kgan.metrics.StackedModes(kgan.metrics.Judge("mnist", output="logits"))
        return result(metric, images, images)

    return {"scores": measure(generate(STACKS, seed=0)), "floors": measure(data.scale(data.images[:STACKS]))}


def test_split(task):
    """The test split of the task's data, at its size, with labels; of a folder what `--validation-share` holds back."""
    if getattr(task, "held_out", None) is not None:
        return task.held_out
    if is_folder(task.options.dataset):
        raise ValueError("This recipe measures on images held out of training: give `--validation-share 0.1`.")
    name, size = task.options.dataset, task.data.images.shape[1]
    if name == "digits":
        return kgan.data.digits(size, "test", labels=True)
    if name == "glyphs":
        return kgan.data.glyphs(size=size, split="test", labels=True, seed=task.options.seed)
    return kgan.data.load(name, "test", size, labels=True, data_dir=task.options.data_dir)


def distinct(data):
    """How many of the images, from the first on, are different ones: a recipe that repeats some puts the repetitions
    behind them.
    """
    return getattr(data, "distinct", len(data.images))


def image_scores(generate, data, test, name):
    """Fréchet distance, precision and recall by the features of the data set's judge; the floor is that of as many
    training images.
    """
    features, count = kgan.metrics.Judge(name, output="features"), min(JUDGED_SAMPLES, len(test.images))
    real, chosen = (
        test.scale(test.images[:count]),
        np.random.default_rng(0).choice(distinct(data), count, replace=False),
    )
    measured = {}
    for kind, images in {"scores": generate(count, seed=0), "floors": data.scale(data.images[chosen])}.items():
        metrics = [
            kgan.metrics.FrechetDistance(features, samples=count),
            kgan.metrics.PrecisionRecall(features, samples=count),
        ]
        measured[kind] = {key: value for metric in metrics for key, value in result(metric, real, images).items()}
    return measured


def condition_scores(gan, test, name):
    """Class accuracy by the data set's judge, and how alike the images of a class are; the floors are those of the test
    split.
    """
    judge, count = kgan.metrics.Judge(name, output="logits"), min(JUDGED_SAMPLES, len(test.images))
    labels = np.arange(count) % len(test.class_names)
    pairs = {
        "scores": (labels, gan.generate(labels=labels, seed=1)),
        "floors": (test.labels[:count], test.scale(test.images[:count])),
    }
    measured = {}
    for kind, (asked, images) in pairs.items():
        metrics = [
            kgan.metrics.ClassAccuracy(judge, samples=count),
            kgan.metrics.ClassDiversity(samples=min(1000, count)),
        ]
        measured[kind] = {key: value for metric in metrics for key, value in result(metric, asked, images).items()}
    return measured


def result(metric, real, generated, batch=500):
    """A metric's result, as a dict of floats, on arrays."""
    for start in range(0, len(generated), batch):
        metric.update_state(real[start : start + batch], generated[start : start + batch])
    value = metric.result()
    return (
        {key: float(number) for key, number in value.items()}
        if isinstance(value, dict)
        else {metric.name: float(value)}
    )
