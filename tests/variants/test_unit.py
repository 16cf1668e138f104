import keras
import numpy as np
import pytest
from coupled import chain, normalized
from harness import array, images, stand_in, tensors
from translation import TranslationTests, moved, patches

import kgan

layers = keras.layers
mlp = kgan.networks.mlp


def translators(shape_a, shape_b, dropout=0.0):
    """The six networks of a code of a quarter of the pixels."""
    half = (shape_a[0] // 2, shape_a[1] // 2, 4)

    def noise():
        return [layers.Dropout(dropout)] if dropout else []

    def encoder(shape):
        return chain(shape, layers.Conv2D(4, 4, 2, "same", use_bias=False), normalized(), layers.ReLU(), *noise())

    def decoder(channels):
        return chain(half, layers.ReLU(), layers.Conv2DTranspose(channels, 4, 2, "same", activation="tanh"))

    return {
        "encoder_a": encoder(shape_a),
        "encoder_b": encoder(shape_b),
        "shared_encoder": chain(half, layers.Conv2D(4, 2, padding="same")),
        "shared_decoder": chain(half, layers.Conv2D(4, 2, padding="same", use_bias=False), normalized(), *noise()),
        "decoder_a": decoder(shape_a[2]),
        "decoder_b": decoder(shape_b[2]),
    }


def judge(shape, dropout=0.0):
    """A discriminator of one logit: of a small map PyTorch has no gradient in half precision."""
    noise = [layers.Dropout(dropout)] if dropout else []
    convolution = layers.Conv2D(4, 4, 2, "same"), normalized(), layers.LeakyReLU(0.2)
    return chain(shape, *convolution, *noise, layers.Flatten(), layers.Dense(1))


class TestUNIT(TranslationTests):
    variant = kgan.UNIT
    toy_options = {"kl_weight": 0.01, "cycle_kl_weight": 0.01}

    def players(self, shape, dropout=0.0):
        other = (*shape[:2], 2)
        judges = {"discriminator_a": judge(shape, dropout), "discriminator_b": judge(other, dropout)}
        return {**translators(shape, other, dropout), **judges}

    def toy_players(self):
        leaky = {"units": (32,), "activation": "leaky_relu"}
        six = {name: mlp(2, 2, **leaky) for name in kgan.UNIT.players["generator"]}
        return {**six, "discriminator_a": mlp(2, 1, **leaky), "discriminator_b": mlp(2, 1, **leaky)}

    def data(self, samples, seed=0):
        # Domains of different sizes, whose samples do not belong together.
        return {"a": samples, "b": self.target(samples)[::-1][: -(-len(samples) * 3 // 4)]}

    def assert_toy_is_learned(self, model):
        # Which of the ways that lead from one cloud to the other is learned, nothing says.
        made, wanted = model.translate(self.toy()), moved(self.toy())
        np.testing.assert_allclose(made.mean(0), wanted.mean(0), atol=0.2)
        back = model.translate(made, to="a")
        assert np.linalg.norm(back - self.toy(), axis=-1).mean() < 0.35


def game(shape_a=(4, 4, 1), shape_b=(4, 4, 1), **options):
    six = translators(shape_a, shape_b)
    judges = {"discriminator_a": patches(shape_a), "discriminator_b": patches(shape_b)}
    return kgan.UNIT(**{**six, **judges, "seed": 0, **options})


def domains(shape_a=(4, 4, 1), shape_b=(4, 4, 1)):
    return {"a": images(10, shape_a), "b": images(7, shape_b, seed=1)}


def test_losses_by_hand():
    gan = game()
    weights = {"adversarial_weight": 2.0, "kl_weight": 3.0, "reconstruction_weight": 5.0}
    gan.compile(**weights, cycle_kl_weight=7.0, cycle_weight=11.0)
    a, b, fake_a, fake_b, same_a, same_b, back_a, back_b = tensors(
        [np.full((2, 4, 4, 1), value, "float32") for value in (0.0, 1.0, 0.5, 0.25, 0.1, 0.8, -0.3, 0.6)]
    )
    means = tensors([np.full((2, 2, 2, 4), value, "float32") for value in (1.0, 2.0, 0.5, 0.25)])

    def judge(offset):
        return lambda inputs, training: array(inputs)[:, :1, :1] + offset  # a map of one logit, the pixel and an offset

    stand_in(gan, discriminator_a=judge(0.0), discriminator_b=judge(1.0))

    def softplus(logit):
        return np.log1p(np.exp(logit))

    fooled = softplus(-0.5) + softplus(-1.25)
    kl, of_fakes = 1.0 + 4.0, 0.25 + 0.0625
    wanted = 2 * fooled + 3 * kl + 5 * (0.1 + 0.2) + 7 * (kl + of_fakes) + 11 * (0.3 + 0.4)
    made = gan.generator_loss(a, b, fake_a, fake_b, same_a, same_b, back_a, back_b, *means)
    np.testing.assert_allclose(array(made), 2 * [wanted], rtol=1e-5)
    judged = 2 * (softplus(0.0) + softplus(0.5) + softplus(-2.0) + softplus(1.25))
    np.testing.assert_allclose(array(gan.discriminator_loss(a, b, fake_a, fake_b)), 2 * [judged], rtol=1e-5)


def test_passes_go_where_they_say():
    gan, data = game(shape_b=(4, 4, 3)), tensors(domains(shape_b=(4, 4, 3)))
    gan.compile()
    gan.play.step.learning = False  # no noise, inference mode
    made = dict(zip(("fake_a", "fake_b", "same_a", "same_b", "back_a", "back_b"), gan.passes(data["a"], data["b"])))
    a, b = (array(data[domain]) for domain in "ab")
    fake_b, fake_a = gan.translate(a, to="b"), gan.translate(b, to="a")
    back_a, back_b = gan.translate(fake_b, to="a"), gan.translate(fake_a, to="b")
    for name, wanted in (("fake_a", fake_a), ("fake_b", fake_b), ("back_a", back_a), ("back_b", back_b)):
        np.testing.assert_allclose(array(made[name]), wanted, atol=1e-5)
    same_a = gan.infer((*gan.encoding("a"), *gan.decoding("a")), a)
    np.testing.assert_allclose(array(made["same_a"]), same_a, atol=1e-5)
    np.testing.assert_allclose(gan.encode(a, "a"), array(gan.passes(data["a"], data["b"])[6]), atol=1e-5)


def test_codes_have_noise_of_variance_one_in_training_alone():
    gan = game()
    mean = tensors(np.full((500, 2, 2, 4), 3.0, "float32"))
    drawn = array(gan.code(mean))
    assert abs(drawn.mean() - 3) < 0.05 and abs(drawn.std() - 1) < 0.05
    assert not np.allclose(array(gan.code(mean)), drawn)
    gan.play.step.learning = False
    np.testing.assert_array_equal(array(gan.code(mean)), array(mean))


def test_codes_of_any_range_are_decoded_and_each_direction_is_served():
    gan = game(shape_b=(4, 4, 3), domains=("x", "y"))
    gan.shared_encoder.layers[0].bias.assign(np.full(4, 50.0))
    data = dict(zip("xy", domains(shape_b=(4, 4, 3)).values()))
    assert np.abs(gan.encode(data["x"], "x")).max() > 10
    for source, to in (("x", "y"), ("y", "x")):
        served = gan.serving_model(to=to)
        np.testing.assert_allclose(array(served(data[source])), gan.translate(data[source], to=to), atol=1e-5)
    assert list(gan.sheet({name: part[:2] for name, part in data.items()}))[:3] == ["x", "x to y", "and back to x"]


def test_bad_input_is_refused():
    gan = game()
    gan.compile()
    for call, said in (
        (lambda: gan.fit((domains(), {"a": np.zeros(10, int)}), batch_size=4, verbose=0), "learns without labels"),
        (lambda: gan.encode(images(2, (4, 4, 1)), "c"), "has the domains a and b, not 'c'"),
        (lambda: gan.encode(images(2, (6, 6, 1)), "a"), r"Domain 'a' takes samples of shape \(None, 4, 4, 1\)"),
        (lambda: gan.compile(kl_weight=-1), "`kl_weight` must be at least 0, not -1"),
        (lambda: game(loss="relativistic"), "A loss of pairs has no meaning"),
        (lambda: game(shared_decoder=chain((2, 2, 5), layers.ReLU())), r"must take inputs of shape \(None, 2, 2, 4\)"),
        (lambda: game(decoder_b=chain((2, 2, 4), layers.Conv2DTranspose(3, 4, 2, "same"))), r"\(None, 4, 4, 3\)"),
    ):
        with pytest.raises(ValueError, match=said):
            call()


def test_coupled_translators_of_odd_sizes():
    made = kgan.networks.coupled_translators((10, 7, 1), (10, 7, 3), filters=2, blocks=1, shared_blocks=2)
    judges = {f"discriminator_{domain}": patches((10, 7, count)) for domain, count in (("a", 1), ("b", 3))}
    gan = kgan.UNIT(**made, **judges, seed=0)
    assert gan.translate(images(2, (10, 7, 1)), to="b").shape == (2, 10, 7, 3)
    with pytest.raises(ValueError, match="would have codes of"):
        kgan.networks.coupled_translators((8, 8, 1), (16, 16, 1))
