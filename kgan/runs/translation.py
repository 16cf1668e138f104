"""What a translation between domains keeps and what it makes, on samples held out of training."""

from kgan.runs.data_sets import is_folder
from kgan.runs.judges import DomainJudges
from kgan.runs.loading import test_split

# What tables call the figures below.
TRANSLATION_FIGURES = {
    "l1": "error of a translated pixel",
    "cycle": "error of a pixel after the way back",
    "class_kept": "class kept, by a classifier of the domain",
    "read_as": "taken for the domain, by a classifier of all",
    "frechet": "Fréchet distance, by a classifier of the domain",
}
TRANSLATION_LESS = ("l1", "cycle", "frechet")


def translation_scores(task, gan):
    """How good translations are, by the domain that they go to; of several that they come from the mean, of shares the
    least. Nothing of folders.

    `l1_to_...` where what each sample should become is known; `cycle_from_...` where there is a way back; where classes
    are known `class_kept_to_...`, `read_as_to_...` and `frechet_to_...` by `DomainJudges`. Floors are the untranslated
    samples', where domains have one shape; what real samples get is `class_kept_of_real_...`, `read_as_of_real_...`.
    """
    if is_folder(task.options.dataset):
        return {"scores": {}, "floors": {}}
    test = test_split(task)
    judges = DomainJudges(task.data, test) if task.data.labels_by_domain else None
    scores, floors = {}, {}
    for source, to in gan.directions:
        images = test.scale(test.images[source])
        made = gan.translate(images, to, source)
        if (to, source) in gan.directions:
            scores.setdefault(f"cycle_from_{source}", []).append(error(gan.translate(made, source, to), images))
        for kind, shown in ((scores, made), (floors, images)):
            if shown.shape == made.shape:
                for name, value in one_way(test, judges, shown, source, to).items():
                    kind.setdefault(f"{name}_to_{to}", []).append(value)
    for to in dict.fromkeys(to for _, to in gan.directions) if judges is not None else ():
        real = judges.scores(test.scale(test.images[to]), test.labels_by_domain[to], to)
        scores |= {f"{name}_of_real_{to}": [real[name]] for name in ("class_kept", "read_as") if name in real}
    parts = (("scores", scores), ("floors", floors))
    return {kind: {name: summary(name, several) for name, several in values.items()} for kind, values in parts}


def one_way(test, judges, shown, source, to):
    """Figures of images of domain `source` that are to be ones of domain `to`."""
    found = {}
    if to in getattr(test, "counterparts", {}).get(source, {}):
        found["l1"] = error(shown, test.scale(test.counterparts[source][to]))
    return found | (judges.scores(shown, test.labels_by_domain[source], to) if judges is not None else {})


def summary(name, values):
    """One figure of those of several sources."""
    return min(values) if name.startswith(("class_kept", "read_as")) else sum(values) / len(values)


def error(images, wanted):
    """Mean absolute difference of pixels."""
    import numpy as np

    return float(np.abs(images - wanted).mean())
