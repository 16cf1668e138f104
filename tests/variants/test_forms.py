"""The forms of the papers and of study notes that are choices: each computes what it says."""

import keras
import numpy as np
import pytest
from harness import BACKEND, array, stand_in, tensors

import kgan

EAGER = BACKEND == "tensorflow"
mlp = kgan.networks.mlp


def watched(gan, real, **options):
    """Moves of one step, in order, with what the discriminator's and the generator's loss were given."""
    gan.compile(run_eagerly=EAGER, **options)
    seen = []
    discriminator_loss, generator_loss = gan.discriminator_loss, gan.generator_loss

    def critic(batch, fake):
        seen.append(("discriminator", array(batch), array(fake)))
        return discriminator_loss(batch, fake)

    def painter(batch, fake):
        seen.append(("generator", array(batch), array(fake)))
        return generator_loss(batch, fake)

    gan.discriminator_loss, gan.generator_loss = critic, painter
    gan.fit(real, batch_size=len(real), shuffle=False, verbose=0)
    return seen


@pytest.mark.skipif(BACKEND == "jax", reason="JAX compiles a step: a Python list sees no values")
class TestMoves:
    real = np.arange(24, dtype="float32").reshape(12, 2) / 24

    def game(self):
        return kgan.GAN(mlp(3, 2, units=(8,)), mlp(2, 1, units=(8,)), seed=0)

    def test_a_fresh_real_batch_a_move(self):
        seen = watched(self.game(), self.real, critic_steps=3, fresh_batches=True)
        assert [player for player, *_ in seen] == ["discriminator"] * 3 + ["generator"]
        for move in range(3):
            np.testing.assert_array_equal(seen[move][1], self.real[4 * move : 4 * move + 4])
            assert len(seen[move][2]) == 4
        np.testing.assert_array_equal(seen[3][2], seen[2][2])

    def test_a_batch_that_is_no_multiple_of_the_moves_begins_again(self):
        seen = watched(self.game(), self.real[:5], critic_steps=2, fresh_batches=True)
        np.testing.assert_array_equal(seen[1][1], self.real[[3, 4, 0]])

    def test_all_moves_share_a_batch_by_default(self):
        seen = watched(self.game(), self.real, critic_steps=2)
        assert all(np.array_equal(batch, self.real) for _, batch, _ in seen)
        assert not np.array_equal(seen[0][2], seen[1][2]) and np.array_equal(seen[1][2], seen[2][2])

    def test_fresh_noise_for_the_generator(self):
        seen = watched(self.game(), self.real, fresh_latents=True)
        assert not np.array_equal(seen[0][2], seen[1][2])

    def test_several_moves_of_the_generator(self):
        gan = self.game()
        seen = watched(gan, self.real, generator_steps=3)
        assert [player for player, *_ in seen] == ["discriminator"] + ["generator"] * 3
        assert not np.array_equal(seen[2][2], seen[3][2])
        assert int(gan.generator_optimizer.iterations) == 3 and int(gan.discriminator_optimizer.iterations) == 1


def test_an_evaluation_of_several_moves_is_of_one():
    gan = kgan.GAN(mlp(3, 2, units=(8,)), mlp(2, 1, units=(8,)), seed=0)
    gan.compile(critic_steps=3, generator_steps=2, fresh_batches=True, run_eagerly=EAGER)
    gan.evaluate(TestMoves.real, batch_size=4, verbose=0)
    assert float(gan.trackers[0].count) == 12


@pytest.mark.parametrize(
    "form, expected",
    [
        ({}, (5 - 1) ** 2),
        ({"squared": False}, 5 - 1),
        ({"one_sided": True, "squared": False}, 5 - 1),
        ({"one_sided": True}, (5 - 1) ** 2),
        ({"penalty_at": "real"}, (5 - 1) ** 2),
    ],
)
@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_forms_of_the_gradient_penalty(form, expected, scale):
    """A linear critic with kernel (3, 4), whose gradient has norm 5; scaled to a tenth, its norm of 0.5 is below 1."""
    critic = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    critic.layers[0].kernel.assign(scale * np.array([[3.0], [4.0]]))
    gan = kgan.WGANGP(mlp(3, 2, units=(8,)), critic, **form, seed=0)
    frozen = {f"{player}_optimizer": keras.optimizers.SGD(0.0) for player in ("generator", "discriminator")}
    gan.compile(**frozen, critic_steps=1, run_eagerly=EAGER)
    logged = gan.fit(TestMoves.real, batch_size=12, verbose=0).history["gradient_penalty"][0]
    if scale < 1:
        expected = 0.0 if form.get("one_sided") else 0.5 if form.get("squared") is False else 0.25
    assert logged == pytest.approx(expected, rel=1e-4, abs=1e-6)


def test_a_penalty_at_another_place_is_refused():
    with pytest.raises(ValueError, match="nowhere"):
        kgan.WGANGP(mlp(3, 2), mlp(2, 1), penalty_at="nowhere")


def conditional():
    label, latent, point = keras.Input((), dtype="int32"), keras.Input((3,)), keras.Input((2,))
    embed, join = keras.layers.Embedding, keras.layers.Concatenate
    generator = keras.Model([latent, label], keras.layers.Dense(2)(join()([latent, embed(2, 2)(label)])))
    told = keras.Input((), dtype="int32")
    discriminator = keras.Model([point, told], keras.layers.Dense(1)(join()([point, embed(2, 2)(told)])))
    return kgan.CGAN(generator, discriminator, classes=2, seed=0)


@pytest.mark.parametrize("equal, weights", [(False, (1.0, 0.5, 0.5)), (True, (1.0, 1.0, 1.0))])
def test_three_equal_terms(equal, weights):
    gan, logits = conditional(), {0.0: 1.5, 1.0: -0.5, 2.0: 0.25}
    gan.compile(equal_terms=equal)
    stand_in(
        gan,
        discriminator=lambda inputs, training: np.array(
            [[logits[float(row[0])]] for row in array(inputs[0])], "float32"
        ),
    )
    real, fake, wrong = (np.full((2, 2), value, "float32") for value in logits)
    told = tensors([real, np.array([0, 1]), fake, wrong, np.ones(2, "float32")])
    loss = array(gan.discriminator_loss(*told))
    terms = np.log1p(np.exp([-logits[0.0], logits[1.0], logits[2.0]]))
    np.testing.assert_allclose(loss, np.full(2, np.dot(weights, terms)), rtol=1e-5)


def test_three_equal_terms_of_a_loss_that_is_no_sum_are_refused():
    class Whole(kgan.losses.AdversarialLoss):
        def _discriminator(self, real, fake):
            return keras.ops.softplus(fake - real)

        def _generator(self, fake, real):
            return -fake

    gan = conditional()
    gan.adversarial_loss = Whole()
    with pytest.raises(ValueError, match="Whole must define `_real"):
        gan.compile(equal_terms=True)


def test_one_weight_for_all_codes():
    generator, discriminator = mlp(6, 2), kgan.networks.heads(mlp(2, 4), (1, 2, 1))
    gan = kgan.InfoGAN(generator, discriminator, categorical=(2,), continuous=1, seed=0)
    latents = gan.latents(np.zeros((4, 2)))
    guesses = tensors([np.zeros((4, 2), "float32"), np.zeros((4, 1), "float32")])
    gains = {}
    for name, weights in {"paper": {}, "tenth": {"continuous_weight": 0.1}, "none": {"continuous_weight": 0.0}}.items():
        gan.compile(**weights)
        gains[name] = array(gan.gain(guesses, latents))
    np.testing.assert_allclose(
        gains["tenth"] - gains["none"], 0.1 * (gains["paper"] - gains["none"]), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("variant", [kgan.GAN, kgan.WGANGP, kgan.R3GAN, kgan.FGAN])
def test_a_uniform_prior(variant):
    gan = variant(mlp(3, 2, units=(8,)), mlp(2, 1, units=(8,)), prior="uniform", seed=0)
    assert np.abs(array(gan.latents(np.zeros((500, 2))))).max() <= 1
    assert gan.get_config()["prior"] == "uniform"
