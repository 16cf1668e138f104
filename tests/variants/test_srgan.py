import keras
import numpy as np
import pytest
from harness import VariantTests, array, images, same, stand_in, tensors, values
from translation import TranslationTests

import kgan

layers = keras.layers


def enlarger(shape, scale=2, dropout=0.0):
    """A small network of images to images `scale` times as high and as wide."""
    return keras.Sequential(
        [
            keras.Input(shape),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            *([layers.Dropout(dropout)] if dropout else []),
            layers.Conv2D(shape[-1] * scale**2, 3, padding="same", activation="tanh"),
            kgan.layers.PixelShuffle(scale),
        ]
    )


def frozen(shape):
    """Features with statistics that training mode would move."""
    network = keras.Sequential(
        [keras.Input(shape), layers.Conv2D(3, 4, 2, "same"), layers.BatchNormalization(), layers.ReLU()]
    )
    network.trainable = False
    return network


def doubled(shape):
    return (2 * shape[0], 2 * shape[1], shape[2])


class TestSRGAN(TranslationTests):
    variant = kgan.SRGAN
    compile_options = {"content_weight": 1.0, "feature_weight": 0.5}
    toy_options = {"adversarial_weight": 0.01}

    def players(self, shape, dropout=0.0):
        of_large = doubled(shape)
        discriminator = VariantTests.players(self, of_large, dropout)["discriminator"]
        return {
            "generator": enlarger(shape, dropout=dropout),
            "discriminator": discriminator,
            "features": frozen(of_large),
        }

    def toy_players(self):
        return self.players((2, 2, 1))

    def target(self, samples):
        negative = 255 - samples if samples.dtype == "uint8" else -samples
        return negative.repeat(2, axis=1).repeat(2, axis=2)

    def data(self, samples, seed=0):
        return samples, self.target(samples)

    def made_shape(self, shape):
        return doubled(shape)

    def toy(self):
        return np.random.default_rng(0).uniform(-0.9, 0.9, (1024, 2, 2, 1)).astype("float32")

    def error(self, model):
        return np.abs(model.translate(self.toy()) - self.target(self.toy())).mean()

    def assert_toy_is_not_known(self, model):
        assert self.error(model) > 0.4

    def assert_toy_is_learned(self, model):
        assert self.error(model) < 0.1


def game(features=True, **options):
    players = TestSRGAN().players((4, 4, 1))
    gan = kgan.SRGAN(**players if features else {**players, "features": None}, seed=0)
    gan.compile(**options)
    return gan


def test_losses_by_hand():
    source, target, made = tensors(
        [np.zeros((2, 4, 4, 1), "float32"), *(np.full((2, 8, 8, 1), value, "float32") for value in (0.5, -0.5))]
    )
    real, fooled = np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-1.0)), np.log1p(np.exp(1.0))

    def judge(samples, training):
        return np.where(array(samples)[:, :1, 0, 0] > 0, 2.0, -1.0).astype("float32")

    def features(samples, training):
        assert training is False
        return [2 * array(samples)[:, 0, 0, :], 4 * array(samples)]  # two outputs, each a mean of its own

    for given, wanted in (
        ({}, 0.0 * 1 + 1.0 * (4 + 16) / 2 + 1e-3 * fooled),
        ({"content_weight": 3.0, "feature_weight": 0.5, "adversarial_weight": 0.1}, 3.0 + 0.5 * 10 + 0.1 * fooled),
    ):
        gan = game(**given)
        stand_in(gan, discriminator=judge, features=features)
        np.testing.assert_allclose(array(gan.discriminator_loss(source, target, made)), 2 * [real], rtol=1e-5)
        np.testing.assert_allclose(array(gan.generator_loss(source, target, made)), 2 * [wanted], rtol=1e-5)
    gan = game(features=False)
    stand_in(gan, discriminator=judge)
    np.testing.assert_allclose(array(gan.generator_loss(source, target, made)), 2 * [1 + 1e-3 * fooled], rtol=1e-5)


def test_pretraining_is_regression_and_moves_the_generator_alone():
    gan, small = game(pretraining_epochs=3), images(8, (4, 4, 1))
    before = {name: value for name, value in values(gan).items() if "features" not in name}
    logs = gan.fit(*TestSRGAN().data(small), batch_size=4, epochs=3, verbose=0).history
    assert set(logs) == {"generator_loss"} and logs["generator_loss"][-1] < logs["generator_loss"][0]
    still = [*gan.discriminator.variables, *gan.discriminator_optimizer.variables, *gan.features.variables]
    moved = {name.split(":", 1)[1] for name, value in before.items() if not np.array_equal(value, values(gan)[name])}
    assert moved and not moved & {variable.path for variable in still}
    logs = gan.fit(*TestSRGAN().data(small), batch_size=4, verbose=0).history
    assert set(logs) == {"generator_loss", "discriminator_loss", "content_loss", "feature_loss"}
    assert int(gan.generator_optimizer.iterations) == 8 and int(gan.discriminator_optimizer.iterations) == 2


@pytest.mark.parametrize("killed_after", [1, 3])
def test_a_run_is_resumed_exactly_inside_its_pretraining_and_after(killed_after, tmp_path):
    def trained(epochs, directory):
        gan = TestSRGAN().build((4, 4, 1), pretraining_epochs=2)
        saving = [] if directory is None else [kgan.callbacks.Checkpoint(directory)]
        pairs = TestSRGAN().data(images(6, (4, 4, 1)))
        logs = gan.fit(*pairs, batch_size=4, epochs=epochs, verbose=0, callbacks=saving).history
        return gan, logs

    whole, logs = trained(4, None)
    assert len(logs["generator_loss"]) == 4 and len(logs["discriminator_loss"]) == 2
    trained(killed_after, tmp_path)
    resumed, _ = trained(4, tmp_path)
    assert same(values(whole), values(resumed))


def test_free_sides_are_enlarged_beyond_what_was_trained_on(tmp_path):
    generator = kgan.networks.srresnet((None, None, 1), scale=4, filters=4, blocks=1)
    judge = kgan.networks.patch_discriminator((None, None, 1), filters=4, receptive_field=7)
    gan = kgan.SRGAN(generator, judge, features=kgan.metrics.Judge("digits"), seed=0)
    assert gan.scale == 4
    gan.compile(content_weight=1.0)
    pairs = kgan.data.downscaled(images(5, (12, 8, 1)), scale=4, batch_size=4)
    history = gan.fit(pairs, verbose=0).history
    assert np.isfinite(list(history.values())).all() and history["feature_loss"][0] > 0
    wide = images(3, (9, 13, 1))
    assert gan.translate(wide).shape == (3, 36, 52, 1)
    gan.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    assert loaded.features.dataset == "digits" and np.array_equal(loaded.translate(wide), gan.translate(wide))
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        gan.export(str(tmp_path / "exported"))
        exported = tf.saved_model.load(str(tmp_path / "exported"))
        np.testing.assert_allclose(exported.serve(wide), gan.translate(wide), atol=1e-5)


def test_what_does_not_fit_is_refused():
    players = TestSRGAN().players((4, 4, 1))

    def refused(said, **parts):
        with pytest.raises(ValueError, match=said):
            kgan.SRGAN(**{**players, **parts})

    flat = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(1, 3, padding="same")])
    judge = VariantTests.players(TestSRGAN(), (4, 4, 1))["discriminator"]
    refused(r"enlarge images by a whole number.*srresnet.*Adversarially", generator=flat, discriminator=judge)
    uneven = keras.Sequential(
        [keras.Input((4, 8, 1)), layers.UpSampling2D((2, 1)), layers.Conv2D(1, 3, padding="same")]
    )
    judge = VariantTests.players(TestSRGAN(), (8, 8, 1))["discriminator"]
    refused("both sides alike", generator=uneven, discriminator=judge)
    trainable = frozen((8, 8, 1))
    trainable.trainable = True
    refused(r"`features.trainable = False`", features=trainable)
    refused(r"must take inputs of shape \(None, 8, 8, 1\)", features=frozen((4, 4, 1)))
    shared = keras.Model(players["discriminator"].inputs, players["discriminator"].layers[0].output)
    refused("share the layer", features=shared)
    refused("must be a keras.Model", features=lambda image: image)
    with pytest.raises(ValueError, match="`feature_weight` must be"):
        game(feature_weight=-1.0)
    with pytest.raises(ValueError, match="no `features` that a `feature_weight`"):
        game(features=False, feature_weight=1.0)
    gan = game()
    with pytest.raises(ValueError, match="makes samples of shape .*but the targets have|takes samples of shape"):
        gan.fit(images(4, (4, 4, 1)), images(4, (12, 12, 1)), verbose=0)
