"""Sheets of translations, and what callbacks of latents say of a game that has none."""

import keras
import numpy as np
import pytest
from harness import images
from PIL import Image

import kgan
from kgan.pictures import draw_sheet


def painter(channels):
    return keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Conv2D(channels, 3, padding="same", activation="tanh")]
    )


def judge(channels):
    return keras.Sequential([keras.Input((8, 8, channels)), keras.layers.Conv2D(1, 4, 2, padding="same")])


def game():
    gan = kgan.Pix2Pix(painter(3), judge(3), seed=0)
    gan.compile()
    return gan


def test_a_sheet_is_drawn_before_training_and_as_it_goes(tmp_path):
    gan, sources, targets = game(), images(6), images(6, (8, 8, 3), seed=1)
    sheet = kgan.callbacks.Sheet(tmp_path, (sources[:4], targets[:4]), every=2)
    gan.fit(sources, targets, batch_size=3, epochs=3, verbose=0, callbacks=[sheet])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-0000.png",
        "epoch-0002.png",
        "epoch-0003.png",
        "film.gif",
    ]
    shown = {"source": sources[:4], "made": gan.translate(sources[:4]), "target": targets[:4]}
    with Image.open(tmp_path / "epoch-0003.png") as drawn:
        np.testing.assert_array_equal(np.asarray(drawn), np.asarray(draw_sheet(shown)))


def test_columns_may_differ_in_size_and_channels():
    large, small = np.full((2, 9, 8, 3), 1.0), np.full((2, 4, 4, 1), -1.0)
    sheet = draw_sheet({"large": large, "small": small}, side=1)
    assert sheet.mode == "RGB"
    with pytest.raises(ValueError, match="1 of 'large', 2 of 'small': take the first ones"):
        draw_sheet({"large": large[:1], "small": small})
    with pytest.raises(ValueError, match="A sheet draws images"):
        draw_sheet({"points": np.zeros((2, 2))})


def test_a_sheet_of_a_game_that_does_not_translate_is_refused(tmp_path):
    gan = kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1), seed=0)
    gan.compile()
    with pytest.raises(ValueError, match="GAN makes none: use SampleGrid"):
        gan.fit(np.zeros((4, 2), "float32"), verbose=0, callbacks=[kgan.callbacks.Sheet(tmp_path, None)])


@pytest.mark.parametrize("name", ["SampleGrid", "SampleCloud", "Interpolation", "NearestNeighbours", "Diagnosis"])
def test_callbacks_of_latents_say_what_draws_translations(name, tmp_path):
    gan, sources, targets = game(), images(40), images(40, (8, 8, 3), seed=1)
    real = (targets,) if name in ("NearestNeighbours", "Diagnosis") else ()
    callback = getattr(kgan.callbacks, name)(tmp_path, *real)
    with pytest.raises(ValueError, match=f"{name} draws from latents, and Pix2Pix has none: .*kgan.callbacks.Sheet"):
        gan.fit(sources, targets, verbose=0, callbacks=[callback])
