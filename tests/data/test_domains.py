from pathlib import Path

import numpy as np
import pytest

from kgan.data import Batches, digits, domains, glyph_domains
from kgan.data.glyphs import font_path, render


def test_each_domain_keeps_its_shape_and_its_labels():
    labelled, plain = digits(8, labels=True), np.full((7, 12, 10, 3), 255, "uint8")
    train = domains(digits=labelled, photos=plain, points=np.zeros((5, 2)), batch_size=4)
    assert not train.aligned and train.count == 1500 and len(train) == 375
    batch = train[0]
    assert {name: part.shape for name, part in batch.items()} == {
        "digits": (4, 8, 8, 1),
        "photos": (4, 12, 10, 3),
        "points": (4, 2),
    }
    assert all(part.dtype == np.float32 for part in batch.values()) and (batch["photos"] == 1).all()
    assert list(train.labels_by_domain) == ["digits"]
    np.testing.assert_array_equal(train.labels_by_domain["digits"], labelled.labels)
    np.testing.assert_array_equal(train.images["digits"], labelled.images)


def test_what_moves_moves():
    sets = {name: np.random.default_rng(0).integers(256, size=(6, 8, 8, 1)).astype("uint8") for name in "ab"}
    still, moved = domains(**sets), domains(jitter=1, flip=True, **sets)
    assert (still[0]["a"] != moved[0]["a"]).any()


@pytest.mark.parametrize(
    "unnamed, sets, said",
    [
        ((np.ones((3, 2)),), {"b": np.ones((3, 2))}, "needs a name: write `domains.a=horses"),
        (({"a": 1, "b": 2},), {}, "for a dict"),
        ((), {}, "two domains or more: write"),
        ((), {"a": np.ones((3, 2))}, "two domains or more, not 'a' alone"),
        ((), {"a": np.ones((3, 2)), "b": np.ones((0, 2))}, "domain 'b' is empty: give it one sample"),
        ((), {"a": np.ones((3, 2)), "b": []}, "domain 'b' is empty"),
        ((), {"a": np.ones((3, 2)), "": np.ones((3, 2))}, "empty name"),
        ((), {"a": np.ones((3, 2)), "b": "zebras"}, "is a path: read it first, `b=kgan.data.image_folder.'zebras'"),
        ((), {"a": np.ones((3, 2)), "b": Path("zebras")}, "is a path"),
        ((), {"a": np.ones((3, 2)), "b": Batches({"c": np.ones((3, 2))})}, "'b' has several arrays"),
        ((), {"a": np.ones((3, 2)), "b": (np.ones((3, 2)), np.ones(3))}, "'b' has several arrays"),
    ],
)
def test_refuses(unnamed, sets, said):
    with pytest.raises(ValueError, match=said):
        domains(*unnamed, **sets)


# ---- glyphs of two kinds ---------------------------------------------------------------------------------------------


def images_of(batches):
    return {name: images.tobytes() for name, images in batches.images.items()}


@pytest.mark.parametrize("kind, names", [("slant", ["upright", "slanted"]), ("weight", ["light", "bold"])])
def test_domains_differ_in_their_factor_alone(kind, names):
    train = glyph_domains(400, kind=kind, counterparts=True)
    assert list(train.images) == names and not train.aligned
    first, second = (train.factors[name] for name in names)
    factor = "slant" if kind == "slant" else "thickness"
    assert set(first[factor]) == {np.float32(0)} and len(set(second[factor])) == 1 and second[factor][0] > 0
    for other in {"slant", "thickness", "size"} - {factor}:
        assert abs(first[other].mean() - second[other].mean()) < 0.15 * np.ptp(first[other])
        # Drawn apart: no glyph of one is in the other.
        assert not set(first[other]) & set(second[other])
    for name in names:
        np.testing.assert_array_equal(train.labels_by_domain[name], train.factors[name]["class"])
        assert np.ptp(np.bincount(train.labels_by_domain[name])) == 0
        images = train.images[name]
        assert images.shape == (400, 32, 32, 1) and images.dtype == np.uint8
        assert not images[:, [0, -1]].any() and not images[:, :, [0, -1]].any()
    light, bold = (train.images[name].mean() for name in names)
    assert bold > 1.3 * light if kind == "weight" else abs(bold - light) < 0.1 * light
    # What a glyph is in the other domain is another picture of the same ink, as the other domain would have it.
    for name in names:
        (other,) = train.counterparts[name]
        assert other != name and (train.counterparts[name][other] != train.images[name]).any((1, 2, 3)).all()
    assert abs(train.counterparts[names[0]][names[1]].mean() - bold) < 0.1 * bold


def test_four_faces_have_three_counterparts_each():
    train = glyph_domains(30, size=24, kind="style", counterparts=True)
    assert list(train.images) == ["regular", "bold", "slanted", "bold_slanted"]
    for source, others in train.counterparts.items():
        assert list(others) == [name for name in train.images if name != source]
    # There and back by way of a third domain is one way.
    back = glyph_domains(30, size=24, kind="style", counterparts=True).counterparts["regular"]
    factors = train.factors["regular"] | {name: train.factors["bold_slanted"][name] for name in ("slant", "thickness")}
    paths = [font_path(name) for name in train.font_names]
    np.testing.assert_array_equal(back["bold_slanted"], render(factors, train.characters, paths, 24))


def test_what_is_plain_has_one_font_and_no_counterpart_varied():
    train = glyph_domains(50, size=16, kind="print", counterparts=True)
    varied, plain = train.factors["varied"], train.factors["plain"]
    assert set(plain["font"]) == {0} and set(plain["slant"]) == {0} and set(varied["font"]) == set(range(1, 7))
    assert np.ptp(varied["slant"]) > 0.4 < 5 * np.ptp(plain["thickness"])
    assert list(train.counterparts["varied"]) == ["plain"] and train.counterparts["plain"] == {}
    with pytest.raises(ValueError, match="give `fonts` two or more"):
        glyph_domains(5, kind="print", fonts=("DejaVuSans",))
    upright = varied | {name: np.zeros_like(varied[name]) for name in ("font", "slant")}
    paths = [font_path(name) for name in train.font_names]
    np.testing.assert_array_equal(train.counterparts["varied"]["plain"], render(upright, train.characters, paths, 16))


def test_domains_are_fixed_by_the_seed_and_the_split():
    one, same, other, test = (glyph_domains(20, size=16, **given) for given in ({}, {}, {"seed": 1}, {"split": "test"}))
    assert images_of(one) == images_of(same)
    assert images_of(one) != images_of(other) != images_of(test) != images_of(one)
    assert not set(one.factors["upright"]["size"]) & set(test.factors["upright"]["size"])
    assert one.counterparts == {}
    np.testing.assert_array_equal(one[0]["slanted"], same[0]["slanted"])


def test_each_domain_may_have_characters_of_its_own():
    train = glyph_domains(12, size=16, characters=("AB", "BCD"))
    assert train.characters == list("ABCD")
    assert {name: set(labels) for name, labels in train.labels_by_domain.items()} == {
        "upright": {0, 1},
        "slanted": {1, 2, 3},
    }


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"kind": "size"}, "'slant', 'weight', 'style', 'print', not 'size'"),
        ({"samples": 0}, "at least 1"),
        ({"size": 4}, "at least 8"),
        ({"characters": "AA"}, "each class once"),
        ({"characters": ("A", "")}, "each class once"),
        ({"characters": ("A", "B", "C")}, "a string for each of upright, slanted"),
        ({"split": "all"}, "'train' or 'test'"),
        ({"fonts": ["Helvetica"]}, "no font"),
    ],
)
def test_glyph_domains_refuse(arguments, said):
    with pytest.raises(ValueError, match=said):
        glyph_domains(**{"samples": 4, "size": 16, **arguments})
