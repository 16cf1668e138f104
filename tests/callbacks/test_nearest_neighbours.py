"""NearestNeighbours: who is nearest, that copies show, bounded blocks, and that nothing else changes."""

import itertools
import re

import keras
import numpy as np
import pytest
from callback_games import StandIn, image_gan, points_gan, same, state
from PIL import Image

import kgan
from kgan.callbacks import NearestNeighbours, distances
from kgan.kinds import LatentModel
from kgan.pictures import image_grid


def images(count=40, shape=(8, 8, 1)):
    return np.random.default_rng(0).uniform(-1, 1, (count, *shape)).astype("float32")


class Iterable:
    """Batches behind `__iter__` alone."""

    def __init__(self, batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


class Copier(StandIn):
    """A 'generator' that returns given images, whatever the latents."""

    latent_dim, seed = 3, 0
    random_latents = LatentModel.random_latents

    def __init__(self, answers):
        self.answers = answers

    def generate(self, latents, seed):
        return np.resize(self.answers, (len(latents), *self.answers.shape[1:]))


def sheet(tmp_path, real, answers, **arguments):
    callback = NearestNeighbours(tmp_path / "sheet", real, **{"rows": 2, "neighbours": 3, "samples": 20, **arguments})
    callback.set_model(Copier(answers))
    callback.on_train_begin()
    return callback, np.asarray(callback.draw(1))


def test_nearest_against_brute_force_in_blocks():
    random = np.random.default_rng(1)
    queries, references = random.standard_normal((9, 5)), random.standard_normal((50, 5))
    brute = np.linalg.norm(queries[:, None] - references, axis=2)
    order = np.argsort(brute, axis=1)[:, :4]
    for size in (50, 7, 1):
        indices, found = distances.nearest(
            queries, 4, (references[start : start + size] for start in range(0, 50, size))
        )
        np.testing.assert_array_equal(indices, order)
        np.testing.assert_allclose(found, np.take_along_axis(brute, order, 1))
    own = np.array([3, 14, 49])
    for size in (50, 7):
        indices, found = distances.nearest(
            references[own], 1, (references[start : start + size] for start in range(0, 50, size)), themselves=own
        )
        others = np.linalg.norm(references[own][:, None] - references, axis=2)
        others[np.arange(3), own] = np.inf
        np.testing.assert_array_equal(indices[:, 0], others.argmin(1))


def test_mean_pairwise_distance_leaves_out_a_sample_and_itself(monkeypatch):
    points = np.random.default_rng(2).standard_normal((30, 4))
    expected = np.mean([np.linalg.norm(a - b) for i, a in enumerate(points) for j, b in enumerate(points) if i != j])
    assert distances.mean_pairwise_distance(points) == pytest.approx(expected)
    monkeypatch.setattr("kgan.metrics.distances.BLOCK", 7 * len(points))
    assert distances.mean_pairwise_distance(points) == pytest.approx(expected)


def test_copies_have_a_ratio_near_0_and_fresh_samples_one_near_1(tmp_path, capsys):
    real = images(200)
    copier, _ = sheet(tmp_path, real, real[50:70])
    assert copier.ratio < 1e-5 and "ratio 0.00" in capsys.readouterr().out
    fresh, _ = sheet(tmp_path, real, np.random.default_rng(9).uniform(-1, 1, (20, 8, 8, 1)).astype("float32"))
    assert fresh.ratio == pytest.approx(1, abs=0.05)
    assert (
        f"{fresh.generated_distance:.3f} from generated images, {fresh.real_distance:.3f} between real ones"
        in capsys.readouterr().out
    )


def test_the_sheet_shows_the_generated_image_first_and_then_its_neighbours(tmp_path):
    real = images(40)
    generated = (0.98 * real[[7, 21]]).astype("float32")
    _, picture = sheet(tmp_path, real, generated, rows=2, neighbours=2, samples=2)
    brute = np.linalg.norm((generated[:, None] - real).reshape(2, 40, -1), axis=2)
    nearest = np.argsort(brute, axis=1)[:, :2]
    assert list(nearest[:, 0]) == [7, 21]
    plain = np.asarray(
        image_grid(np.concatenate([np.concatenate([generated[[row]], real[nearest[row]]]) for row in range(2)]), 2, 3)
    )
    assert picture.shape == (plain.shape[0], plain.shape[1] + 10)
    column = (plain.shape[1] - 2) // 3
    assert (picture[:, column : column + 12] == 255).all()
    np.testing.assert_array_equal(np.delete(picture, np.s_[column + 1 : column + 11], axis=1), plain)


def test_features_decide_what_is_near(tmp_path):
    real = images(40)
    shifted = np.roll(real, 3, axis=2)
    blind = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.GlobalAveragePooling2D()])  # does not see a shift
    assert sheet(tmp_path, real, shifted)[0].ratio > 0.8
    assert sheet(tmp_path, real, shifted, features=blind)[0].ratio < 0.01


def test_a_data_set_is_scaled_block_by_block(tmp_path, monkeypatch):
    train = kgan.data.digits(size=8)
    largest = []
    scale = train.scale
    train.scale = lambda samples: largest.append(len(samples)) or scale(samples)
    monkeypatch.setattr("kgan.callbacks.real_samples.BLOCK", 256)
    callback, _ = sheet(tmp_path, train, scale(train.images[:20]))
    assert callback.ratio < 1e-5 and max(largest) == 256


def test_sheets_of_a_run_that_stays_the_same(tmp_path, capsys):
    plain, drawn = image_gan(), image_gan()
    plain.fit(images(), epochs=3, verbose=0)
    drawn.fit(
        images(),
        epochs=3,
        verbose=0,
        callbacks=[NearestNeighbours(tmp_path, images(), every=2, rows=2, neighbours=3, samples=8)],
    )
    assert same(state(plain), state(drawn))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["epoch-0000.png", "epoch-0002.png", "epoch-0003.png"]
    said = capsys.readouterr().out
    assert "epoch 2:" in said and "epoch 3:" in said and "epoch 0" not in said
    with Image.open(tmp_path / "epoch-0003.png") as picture:
        assert picture.mode == "L" and picture.size[0] > picture.size[1]


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("kind", [iter, Iterable, "tf.data"], ids=str)
def test_batches_are_refused_with_what_makes_an_array_of_them(tmp_path, kind, labelled):
    batches = [(part, np.zeros(8)) if labelled else part for part in np.split(images(), 5)]
    if kind == "tf.data":
        tf = pytest.importorskip("tensorflow")
        data = tf.data.Dataset.from_tensor_slices((images(), np.zeros(40)) if labelled else images()).batch(8)
    else:
        data = kind(batches)
    with pytest.raises(TypeError, match=f"not {type(data).__name__}: collect") as raised:
        NearestNeighbours(tmp_path, data)
    collect = re.search("some batches, `(.*)`", str(raised.value))[1]
    real = eval(collect, {"np": np, "keras": keras, "itertools": itertools, "data": data})
    assert np.array_equal(NearestNeighbours(tmp_path, real).real.stored, images())


def test_refusals(tmp_path, points):
    for wrong in (dict(rows=0), dict(neighbours=0), dict(rows=8, samples=7)):
        with pytest.raises(ValueError, match="at least 1 row, 1 neighbour and as many samples as rows"):
            NearestNeighbours(tmp_path, images(), **wrong)
    with pytest.raises(ValueError, match="at least 8 real samples, not 7"):
        NearestNeighbours(tmp_path, images(7))
    with pytest.raises(ValueError, match="float32 in"):
        NearestNeighbours(tmp_path, np.zeros((40, 8, 8, 1), "uint8"))
    with pytest.raises(ValueError, match="draws images"):
        points_gan().fit(points, verbose=0, callbacks=[NearestNeighbours(tmp_path, points)])
    with pytest.raises(ValueError, match=r"real samples of shape \(6, 6, 1\), but this generator returns \(8, 8, 1\)"):
        image_gan().fit(images(), verbose=0, callbacks=[NearestNeighbours(tmp_path, images(shape=(6, 6, 1)))])
