import keras
import numpy as np
import pytest
from coupled import CoupledTests, chain, normalized
from harness import BACKEND, array, images, stand_in, tensors
from translation import SHIFT

import kgan

layers = keras.layers


class TestCoGAN(CoupledTests):
    variant = kgan.CoGAN
    toy_options = {}

    def players(self, shape, dropout=0.0):
        other = (*shape[:2], self.channels)
        half = (shape[0] // 2, shape[1] // 2, 4)
        trunk = layers.Dense(half[0] * half[1] * 4, use_bias=False), layers.Reshape(half), normalized(), layers.ReLU()

        def head(channels):
            return chain(half, layers.Conv2DTranspose(channels, 4, 2, "same", activation="tanh"))

        def body(shape):
            noise = [layers.Dropout(dropout)] if dropout else []
            return chain(shape, layers.Conv2D(4, 4, 2, "same"), normalized(), layers.LeakyReLU(0.2), *noise)

        return {
            "generator_trunk": chain((4,), *trunk),
            "generator_a": head(shape[2]),
            "generator_b": head(self.channels),
            "discriminator_a": body(shape),
            "discriminator_b": body(other),
            "discriminator_trunk": chain(half, layers.Flatten(), layers.Dense(1)),
        }

    def toy_players(self):
        leaky = {"units": (32,), "activation": "leaky_relu"}
        mlp = kgan.networks.mlp
        return {
            "generator_trunk": mlp(4, 32, **leaky),
            "generator_a": mlp(32, 2, **leaky),
            "generator_b": mlp(32, 2, **leaky),
            "discriminator_a": mlp(2, 32, **leaky),
            "discriminator_b": mlp(2, 32, **leaky),
            "discriminator_trunk": mlp(32, 1, **leaky),
        }

    def assert_toy_is_not_known(self, model):
        assert np.linalg.norm(model.generate(2000, seed=0)["a"].mean(0) - (0.5, 0.5)) > 0.3

    def assert_toy_is_learned(self, model):
        made = model.generate(2000, seed=0)
        np.testing.assert_allclose(made["a"].mean(0), (0.5, 0.5), atol=0.15)
        np.testing.assert_allclose(made["b"].mean(0), np.array((-0.5, 0.5)) + SHIFT, atol=0.15)


def game(shape_a=(4, 4, 1), shape_b=(4, 4, 1), **options):
    def generator(shape):
        stack = layers.Dense(8), layers.ReLU(), layers.Dense(int(np.prod(shape)), "tanh"), layers.Reshape(shape)
        return kgan.networks.cut(chain((3,), *stack), -1)

    def discriminator(shape):
        stack = layers.Flatten(), layers.Dense(6), layers.LeakyReLU(0.2), layers.Dense(1)
        return kgan.networks.cut(chain(shape, *stack), 1)

    (trunk, generator_a), (_, generator_b) = generator(shape_a), generator(shape_b)
    (discriminator_a, judge), (discriminator_b, _) = discriminator(shape_a), discriminator(shape_b)
    networks = trunk, generator_a, generator_b, discriminator_a, discriminator_b, judge
    return kgan.CoGAN(*networks, **{"seed": 0, **options})


def domains(shape_a=(4, 4, 1), shape_b=(4, 4, 1), names="ab"):
    return dict(zip(names, (images(10, shape_a), images(7, shape_b, seed=1))))


def test_losses_by_hand():
    gan = game()
    a, b, fake_a, fake_b = tensors([np.full((2, 4, 4, 1), value, "float32") for value in (0.5, -1.0, 2.0, 0.25)])
    # Logits are the pixel, times 2 in b, and then one more.
    stand_in(
        gan,
        discriminator_a=lambda samples, training: array(samples)[:, 0, 0],
        discriminator_b=lambda samples, training: 2 * array(samples)[:, 0, 0],
        discriminator_trunk=lambda features, training: array(features) + 1,
    )

    def softplus(logit):
        return np.log1p(np.exp(logit))

    judged = softplus(-1.5) + softplus(3.0) + softplus(1.0) + softplus(1.5)
    np.testing.assert_allclose(array(gan.discriminator_loss(a, b, fake_a, fake_b)), 2 * [judged], rtol=1e-5)
    fooled = softplus(-3.0) + softplus(-1.5)
    np.testing.assert_allclose(array(gan.generator_loss(a, b, fake_a, fake_b)), 2 * [fooled], rtol=1e-5)


def test_a_loss_of_pairs_sees_the_real_samples_of_each_domain():
    gan = game(loss="relativistic")
    a, b, fake_a, fake_b = tensors([np.full((2, 4, 4, 1), value, "float32") for value in (0.5, -1.0, 2.0, 0.25)])
    pixel = {name: lambda samples, training: array(samples)[:, 0, 0] for name in ("discriminator_a", "discriminator_b")}
    stand_in(gan, **pixel, discriminator_trunk=lambda features, training: array(features))
    wanted = np.log1p(np.exp(0.5 - 2.0)) + np.log1p(np.exp(-1.0 - 0.25))
    np.testing.assert_allclose(array(gan.generator_loss(a, b, fake_a, fake_b)), 2 * [wanted], rtol=1e-5)


def test_what_belongs_together_is_of_one_latent_and_of_its_own_network():
    gan = game(shape_b=(4, 6, 3), domains=("zebras", "horses"))  # not in the order of the alphabet
    made = gan.generate(5, seed=1, batch_size=2)
    assert {domain: part.shape for domain, part in made.items()} == {"zebras": (5, 4, 4, 1), "horses": (5, 4, 6, 3)}
    latents = gan.random_latents(5, np.random.default_rng(1))
    for domain, head in (("zebras", gan.generator_a), ("horses", gan.generator_b)):
        wanted = array(head(gan.generator_trunk(latents)))
        np.testing.assert_allclose(made[domain], wanted, atol=1e-6)
        np.testing.assert_allclose(gan.sheet(latents)[domain], wanted, atol=1e-6)
    walk = gan.interpolate(3, start=latents[0], end=latents[1])
    np.testing.assert_allclose(walk["horses"][-1], made["horses"][1], atol=1e-4)
    assert list(walk) == ["zebras", "horses"]


@pytest.mark.skipif(BACKEND != "tensorflow", reason="a SavedModel is TensorFlow's")
def test_one_domain_or_both_are_exported(tmp_path):
    import tensorflow as tf

    gan = game(shape_b=(4, 6, 3), domains=("z", "h"))
    gan.keep_average(0.5)
    latents = gan.random_latents(3, np.random.default_rng(0))
    wanted = gan.generate(latents=latents)
    for to in (None, "z", "h"):
        gan.export(tmp_path / str(to), to=to)
        loaded = tf.saved_model.load(str(tmp_path / str(to)))
        served = loaded.serve(latents)
        for domain in ("z", "h") if to is None else (to,):
            np.testing.assert_allclose(served[domain] if to is None else served, wanted[domain], atol=1e-5)
    with pytest.raises(ValueError, match="has the domains z and h, not 'a'"):
        gan.export(tmp_path / "none", to="a")


def test_pairs_are_drawn_and_measured(tmp_path):
    gan, data = game(domains=("one", "two")), domains(names=("one", "two"))
    distance = {domain: [kgan.metrics.SlicedWasserstein(samples=7)] for domain in gan.domains}
    gan.compile(metrics=distance)
    latents = gan.random_latents(4, np.random.default_rng(0))
    watching = [kgan.callbacks.Sheet(tmp_path, latents), kgan.callbacks.EMA(0.9)]
    found = gan.fit(data, batch_size=4, epochs=1, verbose=0, callbacks=watching, validation_data=data).history
    assert (tmp_path / "epoch-0001.png").exists()
    assert sum(name.startswith(("val_one_", "val_two_")) for name in found) == 2
    with pytest.raises(ValueError, match="SampleGrid draws samples of one domain.*`kgan.callbacks.Sheet"):
        gan.fit(data, batch_size=4, verbose=0, callbacks=[kgan.callbacks.SampleGrid(tmp_path)])


def test_bad_input_is_refused():
    gan, data = game(), domains()
    gan.compile()
    for wrong, said in (
        (data["a"], "learns from named domains, but this is one array"),
        ({**data, "b": images(7, (6, 6, 1))}, r"Of 'b': The discriminator takes samples of shape \(None, 4, 4, 1\)"),
        ({**data, "c": data["b"]}, "has the domains a and b, but the data have a and b and c"),
    ):
        with pytest.raises(ValueError, match=said):
            gan.fit(wrong, batch_size=4, verbose=0)
    with pytest.raises(ValueError, match=r"Latents have shape \(n, 3\), not \(2, 4\)"):
        gan.generate(latents=np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"A CoGAN is called on latents \(batch, 3\)"):
        gan(np.zeros((2, 4, 4, 1), "float32"))


def test_networks_that_do_not_fit_are_refused():
    networks = {name: getattr(game(), name) for names in kgan.CoGAN.players.values() for name in names}
    for changed, said in (
        ({"generator_trunk": chain((4, 4, 1), layers.Flatten(), layers.Dense(8))}, "The generator_trunk of a CoGAN"),
        ({"generator_b": chain((7,), layers.Dense(3))}, r"must take inputs of shape \(None, 8\)"),
        ({"discriminator_a": chain((4, 4, 3), layers.Flatten(), layers.Dense(6))}, r"of shape \(None, 4, 4, 1\)"),
        ({"discriminator_b": chain((4, 4, 1), layers.Flatten(), layers.Dense(9))}, r"of shape \(None, 9\)"),
        ({"discriminator_trunk": chain((6,), layers.Dense(1, "sigmoid"))}, "ends in a sigmoid"),
        ({"domains": ("a", "a")}, "`domains` are 2 different names"),
    ):
        with pytest.raises(ValueError, match=said):
            kgan.CoGAN(**{**networks, **changed})


def test_generators_that_cannot_differ_are_refused():
    networks = {name: getattr(game(), name) for names in kgan.CoGAN.players.values() for name in names}
    trunk, crops = chain((3,), layers.Dense(16), layers.Reshape((4, 4, 1))), [layers.ReLU(), layers.ReLU()]
    crops = {f"generator_{domain}": chain((4, 4, 1), crop) for domain, crop in zip("ab", crops)}
    with pytest.raises(ValueError, match="has weights: both domains would be the same"):
        kgan.CoGAN(**{**networks, **crops, "generator_trunk": trunk})


def test_a_network_is_cut_between_layers_with_weights():
    stack = layers.Dense(8), layers.ReLU(), layers.Dense(5), layers.ReLU(), layers.Dense(2), layers.Reshape((2, 1))
    network = chain((3,), *stack)
    samples = np.ones((2, 3), "float32")
    whole = array(network(samples))
    for at, count in ((1, 2), (2, 4), (-1, 4), (-2, 2)):
        first, second = kgan.networks.cut(network, at)
        assert len(first.layers) == count
        np.testing.assert_allclose(array(second(first(samples))), whole, atol=1e-6)
    for wrong, at in ((network, 0), (network, 3), (network, -3), (keras.Sequential([layers.Dense(2)]), 1)):
        with pytest.raises(ValueError, match="`at` is 1 to 2|begins with a `keras.Input`"):
            kgan.networks.cut(wrong, at)
