"""Losses of a user's own: saved with their game, and found again."""

import sys
import types

import keras
import numpy as np
import pytest

import kgan
from kgan import losses
from kgan.engine.registered import package_of


class Scaled(losses.AdversarialLoss):
    """A game with a constructor of its own and no `get_config`."""

    def __init__(self, scale=2.0, *, shift, **rest):
        self.scale, self.kept, self.rest = scale, shift, rest

    def _discriminator(self, real, fake):
        return self.scale * (fake - real) + self.kept

    def _generator(self, fake, real):
        return -self.scale * fake


class Tempered(losses.KL):
    """An f-divergence with an argument more than its base."""

    def __init__(self, temperature, alternative=True):
        super().__init__(alternative)
        self.temperature = temperature


class Fixed(losses.FDivergence):
    """An f-divergence with fewer."""

    def __init__(self):
        super().__init__(alternative=True)


class ByPosition(losses.Hinge):
    def __init__(self, *margins):
        self.margins = margins


def test_a_game_with_a_loss_of_ones_own_is_saved_and_loaded(tmp_path):
    players = kgan.networks.mlp(2, 2, units=(3,)), kgan.networks.mlp(2, 1, units=(3,))
    gan = kgan.GAN(*players, loss=Scaled(3.0, shift=losses.Hinge(), colour="red"))
    gan.compile()
    gan.save(tmp_path / "game.keras")
    again = keras.saving.load_model(tmp_path / "game.keras").adversarial_loss
    assert type(again) is Scaled and type(again.kept) is losses.Hinge
    assert (again.scale, again.rest) == (3.0, {"colour": "red"})


@pytest.mark.parametrize(
    "loss, expected",
    [
        (Scaled(shift=0.1), {"scale": 2.0, "shift": 0.1}),
        (Tempered(4.0), {"temperature": 4.0, "alternative": True}),
        (Fixed(), {}),
        (losses.Alpha(3.0), {"alpha": 3.0, "alternative": False}),
        (losses.KL(True), {"alternative": True}),
        (losses.Hinge(), {}),
    ],
)
def test_what_the_constructor_was_given_comes_back(loss, expected):
    assert loss.get_config() == expected
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(again) is type(loss) and again.get_config() == expected


def test_what_was_changed_since_counts():
    loss = Tempered(4.0)
    loss.temperature = 5.0
    assert loss.get_config()["temperature"] == 5.0


def test_an_argument_without_a_name_is_refused_when_saved():
    with pytest.raises(NotImplementedError, match="ByPosition takes `margins` by position only"):
        ByPosition(1.0, 2.0).get_config()


def test_a_class_that_is_defined_twice_is_the_later_one():
    for _ in range(2):
        mine = type("Mine", (losses.Hinge,), {"__module__": "a.notebook"})
        again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(mine()))
        assert type(again) is mine and keras.saving.get_registered_name(mine) == "a.notebook>Mine"


def test_packages(monkeypatch):
    assert keras.saving.get_registered_name(losses.Hinge) == "kgan>Hinge"
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    mine = type("Mine", (), {"__module__": "__main__"})
    main.__spec__ = None
    assert package_of(mine) == "__main__"
    main.__file__ = "/somewhere/train.py"
    assert package_of(mine) == "train"
    main.__spec__ = types.SimpleNamespace(name="project.train")
    assert package_of(mine) == "project.train"


def test_own_losses_count_as_losses():
    real, fake = np.array([[1.0]], "float32"), np.array([[3.0]], "float32")
    assert float(Scaled(shift=0.5).discriminator(real, fake)[0]) == 4.5
