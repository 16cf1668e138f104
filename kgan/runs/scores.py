"""What can be measured of generated samples without a person who looks, and the floor of each measure: the same of real
samples.
"""

import json

import kgan
from kgan.runs.data_sets import JUDGED, distinct
from kgan.runs.endings import or_warn
from kgan.runs.folder import numbers
from kgan.runs.loading import test_split

SAMPLES, STACKS, JUDGED_SAMPLES = 2500, 26_000, 10_000
# What tables call the figures of games of classes.
CONDITION_FIGURES = {
    "class_accuracy": "class accuracy by the judge",
    "class_ms_ssim": "MS-SSIM within classes",
}
CONDITION_LESS = ("class_ms_ssim",)  # of these less is better


def measure(task, gan):
    """All that is measured of a run's samples: a list of `{"scores": {name: float}, "floors": {name: float}}`.

    Args:
        task: a `Task`, or whatever has `recipe`, `options`, `data`, `out`, `rows` and `measure`.
        gan: the trained game, or whatever has `generate(n, seed=...)`. What a game makes of samples is left to its
            recipe to measure.
    """
    from kgan.callbacks.subjects import OF_SAMPLES

    name, parts = task.options.dataset, []
    if getattr(task.data, "centres", None) is not None:
        parts.append(mixture_scores(gan.generate, task.data, name))
    elif name == "stacked_mnist":
        parts.append(stacked_scores(gan.generate, task.data))
    elif name in JUDGED and not isinstance(gan, OF_SAMPLES) and not isinstance(task.data.images, dict):
        test = test_split(task)
        parts.append(image_scores(gan.generate, task.data, test, name))
        parts += [condition_scores(gan, test, name)] if task.rows is not None else []
    return parts + ([task.measure(task, gan)] if task.measure else [])


def score(task, gan, history):
    """What can be measured of a run's samples, each beside its floor: `{"scores": {name: float}, "floors": {name:
    float}}`, kept in `scores.json`.

    Args:
        task, gan: as in `measure`.
        history: rows of the training, dicts with at least `seconds`.
    """
    parts, found = measure(task, gan), {"scores": {}, "floors": {}}
    if not parts:
        return found
    for part in parts:
        for kind, values in part.items():
            found[kind] |= values
    found["scores"] |= critic_correlation(history)
    or_warn(keep_scores, task, found, sum(row["seconds"] for row in history))
    return found


def keep_scores(task, found, seconds):
    """Write `scores.json`: `{"scores": ..., "floors": ...}` with what they are of, and the seconds of the training."""
    from kgan.callbacks.directories import replace_text

    what = {"recipe": task.recipe, "dataset": task.options.dataset, "seed": task.options.seed}
    record = numbers({**what, "seconds": round(seconds, 1), **found})
    replace_text(task.out / "scores.json", json.dumps(record, indent=2, allow_nan=False) + "\n")


def in_words(found):
    """Scores as lines of text, each beside its floor, by name."""
    floors = {name: f" (floor {value:.4g})" for name, value in found["floors"].items()}
    return {name: f"{value:.4g}{floors.get(name, '')}" for name, value in found["scores"].items()}


def critic_correlation(history):
    """How closely a critic's estimate of the distance follows the sliced Wasserstein distance of held-out data, epoch
    by epoch, where both were logged.
    """
    import numpy as np

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


def image_scores(generate, data, test, name):
    """Fréchet distance, precision and recall by the features of the data set's judge; the floor is that of as many
    training images.
    """
    import numpy as np

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
    import numpy as np

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


def judged(dataset, real, classes, images):
    """What the judge of a data set makes of images: the share that it takes for their class, and their Fréchet distance
    to the real ones that they should be.
    """
    judge, count = kgan.metrics.Judge, len(images)
    accuracy = kgan.metrics.ClassAccuracy(judge(dataset, output="logits"), samples=count, name="class_kept")
    distance = kgan.metrics.FrechetDistance(judge(dataset), samples=count)
    return {**result(accuracy, classes, images), **result(distance, real, images)}


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
