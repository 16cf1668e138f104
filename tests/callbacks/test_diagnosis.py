"""Diagnosis: what is measured, when it speaks and of what, and that training does not notice."""

import csv
import math
import re

import keras
import numpy as np
import pytest
from callback_games import StandIn, image_gan, points_gan, same, state
from PIL import Image

import kgan
from kgan.callbacks import Diagnosis
from kgan.callbacks.diagnosis import COLUMNS, REMEDIES
from kgan.kinds import LatentModel

SQUARE = np.array([[0, 0], [0, 4], [4, 0], [4, 4.0]])


def cloud(count=400, centres=SQUARE, deviation=0.1, seed=0):
    random = np.random.default_rng(seed)
    return (centres[random.integers(len(centres), size=count)] + deviation * random.standard_normal((count, 2))).astype(
        "float32"
    )


class Game(StandIn):
    """A game that generates `samples` and judges by their first coordinate: real where it is below `edge`."""

    latent_dim, seed = 2, 0
    random_latents = LatentModel.random_latents

    def __init__(self, samples, edge=100.0, loss="non_saturating"):
        self.samples, self.edge, self.adversarial_loss = samples, edge, kgan.losses.get(loss)

    def generate(self, latents, seed):
        return np.resize(self.samples, (len(latents), *self.samples.shape[1:]))

    def discriminator(self, samples, training):
        assert training is False
        return keras.ops.convert_to_tensor(self.edge - samples.reshape(len(samples), -1)[:, :1])


def diagnose(game, real=None, **arguments):
    callback = Diagnosis(None, cloud() if real is None else real, **{"samples": 100, **arguments})
    callback.set_model(game)
    callback.on_train_begin()
    return callback


def run(callback, *games):
    """One epoch for each game; ends the training."""
    for epoch, game in enumerate(games):
        callback.set_model(game)
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch)
    callback.on_train_end()


MODES = dict(centres=SQUARE, deviation=0.1)


def test_true_samples_have_everything_right():
    found = diagnose(Game(cloud(seed=1)), **MODES)
    measured = found.measure()
    assert measured["quality"] == pytest.approx(0.9889, abs=0.04) and measured["modes"] == 4
    assert measured["diversity"] == pytest.approx(1, abs=0.15)
    assert (measured["real_accuracy"], measured["generated_accuracy"]) == (1.0, 0.0)
    assert found.judge(measured) == {}, "an accuracy of one half with good samples is the end of the game"


def test_of_a_discriminator_with_further_outputs_the_logit_counts():
    game = Game(cloud() + 10, edge=7.0)
    logit = game.discriminator
    game.discriminator = lambda samples, training: [logit(samples, training), np.zeros((len(samples), 10), "float32")]
    measured = diagnose(game, **MODES).measure()
    assert (measured["real_accuracy"], measured["generated_accuracy"]) == (1.0, 1.0)


def test_precision_of_samples_without_modes():
    far = cloud(seed=1)
    far[:50] += 20
    found = diagnose(Game(far[:100]))
    assert found.measure()["quality"] == pytest.approx(0.5, abs=0.06)
    assert found.real_quality > 0.85 and math.isnan(found.measure()["modes"])
    repeated = diagnose(Game(cloud()[:1]))
    assert repeated.measure()["quality"] == 1 and repeated.measure()["diversity"] < 1e-6


def test_recall_tells_dropped_modes_from_a_collapse(capsys):
    """Half of the clusters, well apart: good and diverse samples, and only recall shows what is missing."""
    half = Game(cloud(centres=SQUARE[[0, 3]], seed=1))
    found = diagnose(half)
    measured = found.measure()
    assert found.real_recall > 0.85 and measured["recall"] == pytest.approx(0.5, abs=0.08)
    assert measured["quality"] > 0.85 and measured["diversity"] > 0.75
    assert list(found.judge(measured)) == ["dropped modes"]
    run(found, half, half)
    assert f"only {measured['recall']:.2f} of the real ones lie among them" in capsys.readouterr().out
    whole, one = diagnose(Game(cloud(seed=1))), diagnose(Game(cloud(centres=SQUARE[:1], seed=1)))
    assert whole.judge(whole.measure()) == {} and list(one.judge(one.measure())) == ["collapse"]
    untrained = diagnose(Game(cloud(seed=1) + 20))
    assert untrained.measure()["recall"] == 0 and "dropped modes" not in untrained.judge(untrained.measure())
    assert math.isnan(diagnose(half, **MODES).measure()["recall"])


def test_a_packed_game_is_judged_by_its_packs():
    gan = points_gan(packing=2)
    real = cloud(60)
    diagnosis = Diagnosis(None, real, samples=30)
    diagnosis.set_model(gan)
    diagnosis.on_train_begin()
    measured = diagnosis.measure()
    packs = np.concatenate([diagnosis.held_out[:15], diagnosis.held_out[15:]], axis=-1)
    logits = keras.ops.convert_to_numpy(gan.discriminator(packs, training=False))
    assert logits.shape == (15, 1) and measured["real_accuracy"] == pytest.approx((logits > 0).mean())
    assert 0 <= measured["generated_accuracy"] <= 1


def test_each_real_sample_has_a_reach_of_its_own():
    wide, narrow = cloud(centres=np.zeros((1, 2)), deviation=5.0), cloud(centres=np.full((1, 2), 100.0), deviation=0.01)
    beside = narrow + np.array([2, 0], "float32")  # near for the wide cloud's reaches, far for the narrow one's
    assert diagnose(Game(beside), real=np.concatenate([wide, narrow]), samples=400).measure()["quality"] == 0


def test_quality_and_diversity_in_features():
    first = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])
    first.set_weights([np.array([[1.0], [0.0]])])
    stretched = cloud(seed=1) * np.array([1, 50], "float32")  # wrong in what the features do not see
    assert diagnose(Game(stretched)).measure()["diversity"] > 10
    blind = diagnose(Game(stretched), features=first).measure()
    assert blind["diversity"] == pytest.approx(1, abs=0.15) and blind["quality"] > 0.85


@pytest.mark.parametrize(
    "game, name",
    [
        (Game(cloud(centres=SQUARE[:1])), "collapse"),
        (Game(cloud(centres=SQUARE[:3])), "dropped modes"),
        (Game(cloud() + 10, edge=7.0), "a discriminator that has won"),
        (Game(cloud() + 10), "a discriminator that is too weak"),
        (Game(np.full((100, 2), np.nan, "float32")), "non-finite samples"),
    ],
)
def test_one_sentence_for_what_is_wrong(game, name, capsys):
    callback = diagnose(game, **MODES)
    run(callback, *[game] * 5)
    lines = [line for line in capsys.readouterr().out.splitlines() if REMEDIES[name] in line]
    assert len(lines) == 1 and lines[0].startswith("Diagnosis, epoch 2: ") and name in callback.findings


def test_sentences_come_once_and_end_once(capsys):
    good, bad = Game(cloud(seed=1)), Game(cloud(centres=SQUARE[:2]))
    callback = diagnose(good, **MODES)
    run(callback, good, bad, good, bad, bad, bad, good, bad, good, good, good)
    said = re.findall(r"epoch (\d+): (no more sign of dropped modes|2 of 4 modes)", capsys.readouterr().out)
    assert said == [("5", "2 of 4 modes"), ("10", "no more sign of dropped modes")]


def test_a_single_look_speaks_at_the_end(capsys):
    bad = Game(cloud(centres=SQUARE[:2]))
    run(diagnose(bad, every=7, **MODES), bad, bad, bad)
    assert "epoch 3: 2 of 4 modes are covered" in capsys.readouterr().out


def test_remedies_name_classes_that_exist():
    for remedy in REMEDIES.values():
        for path in re.findall(r"kgan\.([\w.]+\w)", remedy):
            found = kgan
            for part in path.split("."):
                found = getattr(found, part)


@pytest.mark.parametrize(
    "loss, real, generated", [("hinge", 0.8, 0.6), ("least_squares", 0.6, 0.9), ("relativistic", 0.84, 0.84)]
)
def test_accuracy_by_the_threshold_of_each_loss(loss, real, generated):
    # Logits of the real ones: 0.8 of them above 0, 0.6 above 0.5. Of the generated ones: 0.6 below 0, 0.9 below 0.5.
    logits = {True: np.repeat([-1, 0.3, 1], [2, 2, 6]), False: np.repeat([-2, 0.2, 3], [6, 3, 1])}

    class Fixed(Game):
        def discriminator(self, samples, training):
            is_real = samples[0, 0] < 100
            return keras.ops.convert_to_tensor(np.resize(logits[is_real], len(samples))[:, None].astype("float32"))

    measured = diagnose(Fixed(cloud() + 200, loss=loss), real=cloud(20)).measure()
    if loss == "relativistic":
        pairs = (logits[True][:, None] > logits[False]).mean()
        real = generated = pairs
    assert (measured["real_accuracy"], measured["generated_accuracy"]) == pytest.approx((real, generated))


@pytest.mark.parametrize("divergence", ["kl", "pearson", "gan", "total_variation", "alpha"])
def test_accuracy_of_an_f_divergence_is_that_of_its_best_discriminator(divergence):
    """With V = the logit at which g_f(V) = f'(p/q), a sample is taken for real exactly where p > q."""
    loss = kgan.losses.get_divergence(divergence)

    class Tight(Game):
        def discriminator(self, samples, training):
            v, u = np.linspace(-30, 30, 60_001), np.where(samples[:, 0] < 5, 1.5, 1 / 1.5)  # p/q
            step = 1e-3
            slope = (
                np.asarray(loss.f(keras.ops.convert_to_tensor(u + step)))
                - np.asarray(loss.f(keras.ops.convert_to_tensor(u - step)))
            ) / (2 * step)
            reached = np.asarray(keras.ops.convert_to_numpy(loss.activation(keras.ops.convert_to_tensor(v))))
            return keras.ops.convert_to_tensor(v[np.abs(reached - slope[:, None]).argmin(1)][:, None].astype("float32"))

    game = Tight(cloud() + 10)
    game.adversarial_loss = loss
    measured = diagnose(game, real=cloud(40)).measure()
    assert (measured["real_accuracy"], measured["generated_accuracy"]) == (1, 1)


def test_a_map_of_judgements_is_averaged():
    class Patches(Game):
        def discriminator(self, samples, training):
            sign = 1.0 if samples[0, 0] < 100 else -1.0
            return keras.ops.convert_to_tensor(
                np.tile(np.array([3, -1, -1, 2], "float32").reshape(1, 2, 2, 1) * sign, (len(samples), 1, 1, 1))
            )

    measured = diagnose(Patches(cloud() + 200)).measure()
    assert (measured["real_accuracy"], measured["generated_accuracy"]) == (1, 1)


def test_a_critic_goes_without_accuracy(capsys):
    callback = diagnose(Game(cloud() + 10, loss="wasserstein"))
    assert "scores of a Wasserstein critic have no threshold" in capsys.readouterr().out
    measured = callback.measure()
    assert math.isnan(measured["real_accuracy"]) and callback.judge(measured) == {}


@pytest.mark.parametrize("variant", [kgan.GAN, kgan.WGANGP])
def test_training_does_not_notice(variant, tmp_path, points):
    def game():
        if variant is kgan.GAN:
            return points_gan()
        keras.utils.set_random_seed(3)
        gan = kgan.WGANGP(
            generator=kgan.networks.mlp(2, 2, units=(8,)), discriminator=kgan.networks.mlp(2, 1, units=(8,)), seed=3
        )
        gan.compile(critic_steps=1, run_eagerly=keras.config.backend() == "tensorflow")
        return gan

    plain = game()
    plain.fit(points, epochs=3, verbose=0)
    watched = (
        game()
    )  # not earlier: on PyTorch, Dropout draws from one state for all models, which building a model sets anew
    watched.fit(points, epochs=3, verbose=0, callbacks=[Diagnosis(tmp_path, points, samples=16)])
    assert same(state(plain), state(watched))


def test_files_of_an_image_run(tmp_path):
    real = np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)).astype("float32")
    diagnosis = Diagnosis(tmp_path / "new", real, every=2, samples=16)
    image_gan().fit(real, epochs=5, verbose=0, callbacks=[diagnosis])
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["diagnosis.csv", "diagnosis.png"]
    with open(tmp_path / "new/diagnosis.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["2", "4", "5"] and tuple(rows[0]) == COLUMNS
    assert rows[0]["modes"] == "" and 0 <= float(rows[2]["quality"]) <= 1
    assert float(rows[1]["diversity"]) == pytest.approx(diagnosis.history[1]["diversity"], rel=1e-5)
    with Image.open(tmp_path / "new/diagnosis.png") as picture:
        assert picture.size == (800, 450)


def test_a_resumed_run_goes_on_with_its_table(tmp_path):
    def epochs_of(numbers, directory):
        callback = Diagnosis(tmp_path / directory, cloud(), samples=20, **MODES)
        callback.set_model(Game(cloud(seed=1)))
        callback.on_train_begin()
        for epoch in numbers:
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch)
        return (tmp_path / directory / "diagnosis.csv").read_text()

    whole = epochs_of(range(5), "whole")
    assert [line.split(",")[0] for line in whole.splitlines()] == ["epoch", "1", "2", "3", "4", "5"]
    lines = [line.split(",") for line in whole.splitlines()[:4]]
    (tmp_path / "older").mkdir()
    (tmp_path / "older/diagnosis.csv").write_text("\n".join(",".join(line[:2] + line[3:]) for line in lines))
    older = epochs_of(range(3, 4), "older").splitlines()
    assert older == whole.splitlines()[:5], "a table of before recall was measured"
    epochs_of(range(4), "killed")  # killed after epoch 4, of which the last checkpoint holds 3
    assert epochs_of(range(3, 5), "killed") == whole
    assert len(epochs_of(range(1), "killed").splitlines()) == 2, "a new run starts a new table"


def test_a_resumed_run_knows_what_was_said_and_says_no_more_than_a_whole_one(tmp_path, capsys):
    good, bad = Game(cloud(seed=1)), Game(cloud(centres=SQUARE[:1]))

    def games(first, directory, *played, epochs=None):
        callback = Diagnosis(tmp_path / directory, cloud(), samples=50, picture=False, **MODES)
        callback.set_params({"epochs": epochs or first + len(played)})
        callback.set_model(good)
        callback.on_train_begin()
        for epoch, game in enumerate(played, first):
            callback.set_model(game)
            callback.on_epoch_begin(epoch)
            callback.on_epoch_end(epoch)
        callback.on_train_end()
        return callback.said, [line for line in capsys.readouterr().out.splitlines() if "epoch" in line]

    played = [good, bad, bad, bad, good, good]
    said, printed = games(0, "whole", *played)
    assert [epoch for epoch, _ in said] == [3, 6] and len(printed) == 2
    assert printed[0] == f"Diagnosis, epoch 3: {said[0][1]}" and not (tmp_path / "whole/diagnosis.png").exists()
    for cut in range(2, 6):
        first, second = games(0, f"{cut}", *played[:cut]), games(cut, f"{cut}", *played[cut:])
        assert second[0] == said and first[1] + second[1] == printed
    assert games(6, "whole", epochs=6)[0] == said, "nothing is left to train"


def test_a_mixture_brings_its_modes():
    train = kgan.data.mixture("ring", samples=500)
    diagnosis = Diagnosis(None, train, samples=50)
    np.testing.assert_allclose(diagnosis.centres, train.centres)
    assert diagnosis.deviation == 0.01 and len(diagnosis.reference) == len(diagnosis.held_out) == 50
    shared = {tuple(point) for point in diagnosis.reference} & {tuple(point) for point in diagnosis.held_out}
    assert not shared


def test_full_disk_costs_a_warning(tmp_path, monkeypatch):
    def full(path, write):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kgan.callbacks.diagnosis.replace", full)
    game = Game(cloud(seed=1))
    callback = Diagnosis(tmp_path, cloud(), samples=20, **MODES)
    callback.set_model(game)
    callback.on_train_begin()
    with pytest.warns(RuntimeWarning, match="Diagnosis could not write into .*No space left"):
        run(callback, game)


def test_refusals(tmp_path, points):
    for wrong in (dict(every=0), dict(samples=7)):
        with pytest.raises(ValueError, match="at least 1 epoch and `samples` at least 8"):
            Diagnosis(None, points, **wrong)
    for wrong in (dict(centres=SQUARE), dict(deviation=0.1)):
        with pytest.raises(ValueError, match="give both, or neither"):
            Diagnosis(None, points, **wrong)
    with pytest.raises(ValueError, match=r"\(k, d\)"):
        Diagnosis(None, points, centres=[[0, 0, 0]], deviation=1.0)
    with pytest.raises(ValueError, match="at least 16 real samples, not 15"):
        Diagnosis(None, points[:15])
    with pytest.raises(ValueError, match="non-finite"):
        Diagnosis(None, np.full((40, 2), np.nan, "float32"))
    with pytest.raises(ValueError, match="All real samples are the same"):
        points_gan().fit(points, verbose=0, callbacks=[Diagnosis(None, np.ones((40, 2), "float32"))])
    with pytest.raises(ValueError, match=r"shape \(2,\), but this generator returns \(8, 8, 1\)"):
        image_gan().fit(np.zeros((8, 8, 8, 1), "float32") - 0.5, verbose=0, callbacks=[Diagnosis(None, points)])
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Diagnosis cannot write"):
        points_gan().fit(points, verbose=0, callbacks=[Diagnosis(tmp_path / "file/below", points)])
