"""What is measured of translations: on true counterparts, on what is not translated, and on another class's image."""

from argparse import Namespace

import numpy as np
import pytest

from kgan.data import glyph_domains
from kgan.runs import Task, judges, translation, translation_scores


class Translator:
    """Answers with images that are prepared."""

    def __init__(self, answer, directions):
        self.answer, self.directions = answer, directions

    def translate(self, images, to, source):
        return self.answer(images, to, source)


@pytest.fixture(scope="module")
def task():
    options = Namespace(dataset="glyph_domains", kind="weight", seed=0)
    return Task("cyclegan", options, glyph_domains(600, 16, "weight", "01", fonts=("DejaVuSans",)))


@pytest.fixture(scope="module")
def test(task):
    few = glyph_domains(80, 16, "weight", "01", split="test", fonts=("DejaVuSans",), counterparts=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(judges, "STEPS", 120)
        patched.setattr(judges, "FILTERS", 8)
        known = judges.DomainJudges(task.data, few)
        patched.setattr(translation, "test_split", lambda _: few)
        patched.setattr(translation, "DomainJudges", lambda *_: known)
        yield few


def test_counterparts_are_right_copies_keep_the_class_alone_and_others_neither(task, test):
    both = (("light", "bold"), ("bold", "light"))

    def true(images, to, source):
        wanted = test.scale(test.counterparts[source][to])
        # On the way back comes what was there.
        return wanted if np.array_equal(images, test.scale(test.images[source])) else test.scale(test.images[to])

    right = translation_scores(task, Translator(true, both))
    copied = translation_scores(task, Translator(lambda images, *_: images, both))
    others = {
        domain: test.scale(images[test.labels_by_domain[domain].argsort()[::-1]])
        for domain, images in test.images.items()
    }
    wrong = translation_scores(task, Translator(lambda images, to, _: others[to], both))
    for source, to in both:
        scores = right["scores"]
        assert scores[f"l1_to_{to}"] == scores[f"cycle_from_{source}"] == 0
        assert scores[f"class_kept_to_{to}"] > 0.9 and scores[f"read_as_to_{to}"] > 0.9
        assert scores[f"class_kept_of_real_{to}"] > 0.9 and scores[f"read_as_of_real_{to}"] > 0.9
        assert copied["scores"][f"l1_to_{to}"] == copied["floors"][f"l1_to_{to}"] == right["floors"][f"l1_to_{to}"] > 0
        assert copied["scores"][f"read_as_to_{to}"] == copied["floors"][f"read_as_to_{to}"] < 0.1
        assert copied["scores"][f"frechet_to_{to}"] > 2 * scores[f"frechet_to_{to}"]
        assert wrong["scores"][f"class_kept_to_{to}"] < 0.7 and wrong["scores"][f"read_as_to_{to}"] > 0.9


def test_one_way_has_no_way_back_and_folders_nothing(task, test):
    found = translation_scores(task, Translator(lambda images, *_: images, (("light", "bold"),)))
    names = ("l1_to", "class_kept_to", "read_as_to", "frechet_to", "class_kept_of_real", "read_as_of_real")
    assert set(found["scores"]) == {f"{name}_bold" for name in names}
    folder = Task("cyclegan", Namespace(dataset="./horses", seed=0), task.data)
    assert translation_scores(folder, None) == {"scores": {}, "floors": {}}


def test_of_several_sources_the_worst_share_and_the_mean_error():
    assert translation.summary("class_kept_to_a", [0.9, 0.5]) == translation.summary("read_as_a", [0.5, 1.0]) == 0.5
    assert translation.summary("l1_to_a", [0.1, 0.3]) == pytest.approx(0.2)


def test_a_reader_reads_sources_off_targets():
    random = np.random.default_rng(0)
    sources = np.where(random.random((200, 1, 1, 1)) < 0.5, np.uint8(0), np.uint8(255)).repeat(12, 1).repeat(10, 2)
    targets = (255 - sources).repeat(3, 3)
    features, read = judges.reader(targets, sources, steps=40).predict(targets / np.float32(127.5) - 1, verbose=0)
    assert features.shape == (200, 64) and read.shape == (200, 12, 10, 1)
    assert np.abs(read - (sources / 127.5 - 1)).mean() < 0.1


def test_a_judge_of_classes_has_seen_more_than_was_written():
    import keras

    plain, varied = (judges.classifier((16, 16, 1), 2, 4, varied=varied)[1].layers[:-1] for varied in (False, True))
    moved = keras.layers.RandomTranslation, keras.layers.RandomRotation, keras.layers.RandomZoom
    assert [type(layer) for layer in plain] == list(moved[:1]) and [type(layer) for layer in varied] == list(moved)
    assert {layer.interpolation for layer in varied} == {"nearest"}


def test_how_sharp_an_image_is_tells_its_domain():
    sharp = np.random.default_rng(0).integers(0, 2, (512, 16, 16, 1), dtype="uint8") * 255
    blurred = (sharp // 2 + np.roll(sharp, 1, axis=2) // 2).astype("uint8")
    images, domain = np.concatenate([sharp, blurred]), np.repeat([0, 1], 512)
    judge = judges.trained(images, domain, steps=120)
    read = judge.predict(images.astype("float32") / 127.5 - 1, verbose=0).argmax(-1)
    assert np.mean(read[domain == 0] == 0) > 0.95 and np.mean(read[domain == 1] == 1) > 0.95
