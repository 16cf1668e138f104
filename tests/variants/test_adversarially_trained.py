import keras
import numpy as np
import pytest
from harness import VariantTests, array, images, same, stand_in, tensors, values
from test_pix2pix import judge_of_pairs
from translation import TranslationTests, patches, translator

import kgan

layers, mlp = keras.layers, kgan.networks.mlp


class TestAdversariallyTrained(TranslationTests):
    variant = kgan.AdversariallyTrained
    compile_options = {"content_loss": "mse"}
    toy_options = {"adversarial_weight": 0.01}

    def players(self, shape, dropout=0.0):
        discriminator = VariantTests.players(self, (*shape[:2], 2), dropout)["discriminator"]
        return {"generator": translator(shape, 2, dropout), "discriminator": discriminator}

    def toy_players(self):
        return {"generator": mlp(2, 2, units=(32, 32)), "discriminator": mlp(2, 1, units=(32, 32))}

    def data(self, samples, seed=0):
        return samples, self.target(samples)

    def assert_toy_is_learned(self, model):
        assert self.error(model) < 0.1


def game(generator=None, conditional=False, **options):
    shape = (4, 4, 1)
    judge = judge_of_pairs(shape, shape) if conditional else patches(shape)
    gan = kgan.AdversariallyTrained(generator or translator(shape, 1), judge, seed=0)
    gan.compile(**options)
    return gan


def absolute(target, made):
    return keras.ops.abs(target - made)


@pytest.mark.parametrize(
    "content_loss, by_hand",
    [
        ("mse", 0.75**2),
        ("mean_absolute_error", 0.75),
        (keras.losses.MeanAbsoluteError(reduction=None), 0.75),
        (keras.losses.Huber(0.5), 0.5 * (0.75 - 0.25)),
        (absolute, 0.75),
    ],
)
@pytest.mark.parametrize("conditional", [False, True])
def test_losses_by_hand(content_loss, by_hand, conditional):
    gan = game(conditional=conditional, content_loss=content_loss, content_weight=3.0, adversarial_weight=0.5)

    def judge(inputs, training):
        image = array(inputs[1] if conditional else inputs)
        return np.where(image[:, :1, 0, 0] > 0, 2.0, -1.0).astype("float32")

    stand_in(gan, discriminator=judge)
    source, target, made = tensors([np.full((2, 4, 4, 1), value, "float32") for value in (0.0, 0.5, -0.25)])
    wanted = np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-1.0))
    np.testing.assert_allclose(array(gan.discriminator_loss(source, target, made)), 2 * [wanted], rtol=1e-5)
    wanted = 3.0 * by_hand + 0.5 * np.log1p(np.exp(1.0))
    np.testing.assert_allclose(array(gan.generator_loss(source, target, made)), 2 * [wanted], rtol=1e-5)


def test_a_model_brings_the_loss_it_was_compiled_with():
    denoiser = translator((4, 4, 1), 1)
    denoiser.compile("adam", loss="mae")
    gan = game(denoiser, adversarial_weight=0.0)
    assert gan.content_loss == "mae"
    clean = images(4, (4, 4, 1))
    error = np.abs(gan.translate(-clean) - clean).mean()
    assert gan.evaluate(-clean, clean, return_dict=True, verbose=0)["generator_loss"] == pytest.approx(error, rel=1e-4)
    assert game(denoiser, content_loss="mse").content_loss == "mse"
    with pytest.raises(ValueError, match=r"not compiled with a loss.*`compile\(content_loss='mse'\)`"):
        game()


def test_what_the_model_asks_for_itself_is_added():
    """Of a game of no weight only the model's regularizers and `add_loss` are left."""
    regular = keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.Conv2D(1, 1, kernel_initializer="ones", kernel_regularizer=keras.regularizers.L2(2.0)),
            layers.ActivityRegularization(l2=0.25),
        ]
    )
    gan = game(regular, content_loss="mse", content_weight=0.0, adversarial_weight=0.0)
    ones = np.ones((2, 4, 4, 1), "float32")
    logs = gan.fit(ones, ones, batch_size=2, verbose=0).history
    activity = 0.25 * 16  # Keras shares an activity regularizer among the samples of a batch
    assert logs["generator_loss"][0] == pytest.approx(2.0 + activity, rel=1e-4)
    assert float(array(regular.layers[0].kernel)[0, 0, 0, 0]) < 1


def test_metrics_of_keras_compare_targets_with_what_is_made():
    gan = game(content_loss="mse", metrics=[keras.metrics.MeanAbsoluteError(name="error")])
    clean = images(6, (4, 4, 1))
    logs = gan.evaluate(-clean, clean, batch_size=4, return_dict=True, verbose=0)
    assert logs["error"] == pytest.approx(np.abs(gan.translate(-clean) - clean).mean(), rel=1e-4)


def test_a_denoiser_with_every_callback_and_then_as_it_is(tmp_path):
    """The example of the README."""
    clean = kgan.data.digits(16).images[:512] / 127.5 - 1
    noisy = np.clip(clean + np.random.default_rng(0).normal(0, 0.5, clean.shape), -1, 1)

    convolution = layers.Conv2D(16, 5, padding="same", activation="relu")
    denoiser = keras.Sequential([keras.Input((16, 16, 1)), convolution, layers.Conv2D(1, 5, padding="same")])
    denoiser.compile("adam", loss="mae")  # as it has been trained so far
    denoiser.fit(noisy, clean, batch_size=16, epochs=2, verbose=0)

    discriminator = kgan.networks.patch_discriminator((16, 16, 1), filters=8, receptive_field=7)
    game = kgan.AdversariallyTrained(denoiser, discriminator, seed=0)
    game.compile(adversarial_weight=0.01)
    watching = [kgan.callbacks.EMA(0.9), kgan.callbacks.NaNGuard(), kgan.callbacks.Checkpoint(tmp_path / "checkpoint")]
    sheet = kgan.callbacks.Sheet(tmp_path / "samples", (noisy[:4], clean[:4]))
    game.fit(noisy, clean, batch_size=16, epochs=2, verbose=0, callbacks=[*watching, sheet])

    before, after = np.abs(noisy - clean).mean(), np.abs(denoiser.predict(noisy, verbose=0) - clean).mean()
    assert after < before and not np.array_equal(game.translate(noisy), denoiser.predict(noisy, verbose=0))
    assert (tmp_path / "samples" / "epoch-0002.png").exists()


def test_a_model_that_was_trained_before_is_resumed_exactly(tmp_path):
    clean = images(8, (4, 4, 1))

    def trained(epochs, directory):
        keras.utils.set_random_seed(0)
        denoiser = translator((4, 4, 1), 1, dropout=0.25)
        denoiser.compile("adam", loss="mse", metrics=["mae"])
        denoiser.fit(-clean, clean, batch_size=4, verbose=0, shuffle=False)
        gan = game(denoiser)
        saving = [] if directory is None else [kgan.callbacks.EMA(0.9), kgan.callbacks.Checkpoint(directory)]
        gan.fit(-clean, clean, batch_size=4, epochs=epochs, verbose=0, callbacks=saving)
        return gan

    whole = trained(2, tmp_path / "whole")
    trained(1, tmp_path / "half")
    assert same(values(whole), values(trained(2, tmp_path / "half")))
    whole.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    assert loaded.content_loss == "mse" and np.array_equal(loaded.translate(clean), whole.translate(clean))


@pytest.mark.parametrize(
    "options, said",
    [
        ({"content_loss": "nonsense"}, "`content_loss` is a name such as 'mse'.*not 'nonsense'"),
        ({"content_loss": ["mse", "mae"]}, "`content_loss` is a name such as 'mse'"),
        ({"content_loss": keras.losses.MeanSquaredError(reduction="sum")}, "adds samples up"),
        ({"content_loss": "mse", "content_weight": -1.0}, "`content_weight` must be at least 0"),
        ({"content_loss": "mse", "adversarial_weight": -1.0}, "`adversarial_weight` must be at least 0"),
        ({"content_loss": "mse", "pretraining_epochs": 1.5}, "`pretraining_epochs` is a whole number"),
    ],
)
def test_what_cannot_be_compiled_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        game(**options)


def test_a_loss_of_the_whole_batch_is_refused():
    gan = game(content_loss=lambda target, made: keras.ops.mean(target - made), run_eagerly=True)
    with pytest.raises(ValueError, match="one number for the whole batch"):
        gan.fit(*2 * [images(4, (4, 4, 1))], verbose=0)
