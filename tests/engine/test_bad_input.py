"""What is refused, at compile or on the first batch, and that nothing is lost by it."""

import keras
import numpy as np
import pytest
from harness import BACKEND, changed, images, values

import kgan
from kgan.engine import Batches


def build():
    gan = kgan.GAN(
        kgan.networks.dcgan_generator((8, 8, 1), latent_dim=3, filters=4),
        kgan.networks.dcgan_discriminator((8, 8, 1), filters=4),
        seed=0,
    )
    gan.compile()
    return gan


def with_nan():
    data = images(4)
    data[2, 3, 3, 0] = np.nan
    return data


@pytest.mark.parametrize(
    "data, message",
    [
        ((images(4) * 127 + 128).astype("uint8"), "uint8.*127.5"),
        (images(4) * 127 + 128, r"\[-1, 1\].*127.5"),
        (images(4, (8, 8, 3)), r"\(4, 8, 8, 3\)"),
        (images(4)[..., 0], "channel axis"),
        (images(4, (16, 8, 1)), r"\(4, 16, 8, 1\)"),
        (with_nan(), "1 non-finite"),
        (images(4)[:0], "empty"),
        (iter([]), "empty"),
        ((images(4), np.zeros(4)), "without labels"),
        (None, "must be given"),
        (Batches((images(4, (8, 8, 3)) * 127 + 128).astype("uint8")), r"\(4, 8, 8, 3\)"),
        (Batches(images(4), labels=np.zeros(4)), "without labels"),
        (iter([images(4) * 100]), r"\[-1, 1\]"),
        (["a.png", "b.png"], "image_folder"),
    ],
)
def test_data_that_do_not_fit(data, message):
    gan = build()
    before = values(gan)
    with pytest.raises(ValueError, match=message):
        gan.fit(data, verbose=0)
    assert not changed(before, values(gan))


def test_validation_data_are_checked_before_training():
    gan = build()
    with pytest.raises(ValueError, match="uint8"):
        gan.fit(images(4), validation_data=np.zeros((4, 8, 8, 1), "uint8"), verbose=0)
    assert int(gan.generator_optimizer.iterations) == 0


def test_images_in_0_1_are_warned_of():
    with pytest.warns(UserWarning, match=r"\[0, 1\]"):
        build().fit(np.abs(images(4)), verbose=0)


def test_a_generator_of_images_is_read_whole():
    gan, read = build(), []

    def batches():
        for seed, count in enumerate((4, 4, 2)):
            read.append(seed)
            yield images(count, seed=seed)

    gan.fit(batches(), verbose=0)
    assert read == [0, 1, 2]
    # Keras itself trains on the first batch of a generator twice on TensorFlow.
    assert int(gan.generator_optimizer.iterations) == (4 if BACKEND == "tensorflow" else 3)


def test_an_unknown_compile_argument_names_the_nearest():
    with pytest.raises(TypeError, match="no argument `critic_step`.*`critic_steps`"):
        build().compile(critic_step=5)
    with pytest.raises(TypeError, match="no argument `loss`"):
        build().compile(loss="mse")


@pytest.mark.parametrize("metric", [lambda real, generated: 0.0, "accuracy"])
def test_a_metric_that_is_none(metric):
    with pytest.raises(ValueError, match="update_state"):
        build().compile(metrics=[metric])


def test_a_game_is_called_on_latents():
    with pytest.raises(ValueError, match=r"called on latents \(batch, 3\), not on an input of shape \(2, 8, 8, 1\)"):
        build()(images(2))


def test_players_that_do_not_fit_each_other():
    with pytest.raises(ValueError, match=r"\(None, 8, 8, 1\).*\(None, 8, 8, 3\)"):
        kgan.GAN(kgan.networks.dcgan_generator((8, 8, 1)), kgan.networks.dcgan_discriminator((8, 8, 3)))
    sigmoid = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    with pytest.raises(ValueError, match="sigmoid"):
        kgan.GAN(kgan.networks.mlp(2, 2), sigmoid)
    with pytest.raises(ValueError, match="one logit"):
        kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 5))
    with pytest.raises(ValueError, match="not built"):
        kgan.GAN(keras.Sequential([keras.layers.Dense(2)]), kgan.networks.mlp(2, 1))
    with pytest.raises(ValueError, match="must be a keras"):
        kgan.GAN(kgan.networks.mlp(2, 2), "discriminator")


def test_a_generator_of_ones_own_class_is_wrapped():
    class Generator(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = keras.layers.Dense(2)

        def call(self, latents):
            return self.dense(latents)

    generator = Generator()
    generator(np.zeros((1, 3), "float32"))
    with pytest.raises(ValueError, match="wrap it"):
        kgan.GAN(generator, kgan.networks.mlp(2, 1))
    gan = kgan.GAN(keras.Sequential([keras.Input((3,)), generator]), kgan.networks.mlp(2, 1))
    assert gan.generate(4).shape == (4, 2)


def test_validation_split_is_of_arrays():
    with pytest.raises(ValueError, match="`validation_split` takes its share of arrays"):
        build().fit(Batches(images(4)), validation_split=0.5, verbose=0)


def test_a_name_that_the_game_does_not_log():
    with pytest.raises(ValueError, match="logs discriminator_loss, generator_loss, not 'penalty'.*`quantities`"):
        build().log(penalty=1.0)


def test_an_unknown_loss_names_the_nearest():
    with pytest.raises(ValueError, match="wasserstein"):
        kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1), loss="waserstein")


def test_one_optimizer_for_two_players():
    optimizer = keras.optimizers.Adam()
    with pytest.raises(ValueError, match="of its own"):
        build().compile(generator_optimizer=optimizer, discriminator_optimizer=optimizer)


@pytest.mark.parametrize(
    "arguments, message",
    [({"labels": [1]}, "without labels"), ({"latents": np.zeros((2, 7))}, r"\(n, 3\)"), ({"n": 0}, "at least 1")],
)
def test_generate_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        build().generate(**arguments)


def test_fit_before_compile():
    gan = kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
    with pytest.raises(ValueError, match="compile"):
        gan.fit(np.zeros((4, 2), "float32"), verbose=0)
