import keras
import numpy as np
import pytest
from harness import VariantTests, array, images, same, stand_in, values

import kgan
from kgan.variants.ebgan import pulling_away

layers = keras.layers


class TestEBGAN(VariantTests):
    variant = kgan.EBGAN
    compile_options = {"margin": 1.0}

    def players(self, shape, dropout=0.0):
        samples = keras.Input(shape)
        code = layers.Dense(6)(layers.Flatten()(samples))
        hidden = layers.BatchNormalization(momentum=0.9)(layers.Dropout(dropout)(code) if dropout else code)
        rebuilt = layers.Reshape(shape)(layers.Dense(int(np.prod(shape)), activation="tanh")(hidden))
        return {**super().players(shape, dropout), "discriminator": keras.Model(samples, [rebuilt, code])}

    def toy_players(self):
        points = keras.Input((2,))
        code = kgan.networks.mlp(2, 8, units=(32,))(points)
        return {
            **super().toy_players(),
            "discriminator": keras.Model(points, [kgan.networks.mlp(8, 2, units=(32,))(code), code]),
        }


def build(**options):
    gan = kgan.EBGAN(**TestEBGAN().toy_players(), seed=0)
    gan.compile(**options)
    return gan


def test_losses_by_hand():
    gan = build(margin=2.0, pulling_away=0.5)
    codes = np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 2.0]], "float32")
    stand_in(gan, discriminator=lambda samples, training: [0.5 * array(samples), codes])
    real, fake = np.full((3, 2), 2.0, "float32"), np.array([[2.0, 2.0], [6.0, 6.0], [4.0, 0.0]], "float32")
    energies = [1.0, 3.0, np.sqrt((2.0**2) / 2)]
    np.testing.assert_allclose(
        array(gan.discriminator_loss(real, fake)), [1 + 1, 1 + 0, 1 + 2 - energies[2]], rtol=1e-5
    )
    cosines = np.array([[0, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0]])
    np.testing.assert_allclose(array(pulling_away(codes)), cosines.sum(1) / 2, atol=1e-6)
    np.testing.assert_allclose(array(gan.generator_loss(fake)), energies + 0.5 * cosines.sum(1) / 2, rtol=1e-5)
    assert array(pulling_away(codes[:1])) == 0


def test_pretraining_moves_the_auto_encoder_alone_and_lowers_its_error():
    gan = TestEBGAN().build(pretraining_epochs=100)
    data, before = images(16), values(gan)
    logs = gan.fit(data, batch_size=8, epochs=100, verbose=0).history
    assert set(logs) == {"discriminator_loss"}
    history = logs["discriminator_loss"]
    moved = {name.split(":", 1)[1] for name, value in values(gan).items() if not np.array_equal(value, before[name])}
    assert history[-1] < 0.7 * history[0]
    assert not moved & {variable.path for variable in [*gan.generator.variables, *gan.generator_optimizer.variables]}
    gan.fit(data, batch_size=8, verbose=0)
    assert int(gan.generator_optimizer.iterations) == 2 and int(gan.discriminator_optimizer.iterations) == 202


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="reconstruction"):
        kgan.EBGAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
    with pytest.raises(ValueError, match="above 0"):
        build(margin=0)
    with pytest.raises(ValueError, match="`pulling_away` must"):
        build(pulling_away=-0.1)


def test_an_evaluation_is_of_the_whole_game_in_pretraining_too():
    gan = kgan.EBGAN(kgan.networks.dcgan_generator((8, 8, 1), 4, 4), kgan.networks.autoencoder((8, 8, 1), 4, 4), seed=0)
    gan.compile(pretraining_epochs=1)
    data = np.zeros((4, 8, 8, 1), "float32") - 0.5
    history = gan.fit(data, validation_data=data, verbose=0).history
    assert set(history) == {
        "discriminator_loss",
        "val_discriminator_loss",
        "val_generator_loss",
        "val_real_energy",
        "val_fake_energy",
    }
    assert "generator_loss" in gan.evaluate(data, return_dict=True, verbose=0)


@pytest.mark.parametrize("killed_after", [1, 3])
def test_a_run_is_resumed_exactly_inside_its_pretraining_and_after(killed_after, tmp_path):
    def trained(epochs, directory):
        gan = TestEBGAN().build(pretraining_epochs=2)
        saving = [] if directory is None else [kgan.callbacks.Checkpoint(directory)]
        logs = gan.fit(images(10), batch_size=4, epochs=epochs, verbose=0, callbacks=saving).history
        return gan, logs

    whole, logs = trained(4, None)
    assert len(logs["discriminator_loss"]) == 4 and len(logs["generator_loss"]) == 2
    assert int(whole.generator_optimizer.iterations) == 6
    trained(killed_after, tmp_path)
    resumed, _ = trained(4, tmp_path)
    assert same(values(whole), values(resumed))


def test_pretraining_comes_back_with_a_saved_game(tmp_path):
    gan = TestEBGAN().build(pretraining_epochs=2)
    gan.fit(images(8), batch_size=4, verbose=0)
    gan.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    history = loaded.fit(images(8), batch_size=4, epochs=2, verbose=0).history
    assert len(history["discriminator_loss"]) == 2 and len(history["generator_loss"]) == 1
