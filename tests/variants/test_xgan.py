import keras
import numpy as np
import pytest
from harness import array, images, stand_in, tensors
from translation import TranslationTests, moved, patches

import kgan

layers, mlp = keras.layers, kgan.networks.mlp
WEIGHTS = {
    "reconstruction_weight": 3.0,
    "confusion_weight": 0.5,
    "semantic_weight": 2.0,
    "adversarial_weight": 4.0,
    "teacher_weight": 5.0,
}


def half(sides, channels, made, activation=None, dropout=0.0):
    """A part of an auto-encoder of pictures."""
    return keras.Sequential(
        [
            keras.Input((*sides, channels)),
            layers.Conv2D(3, 4, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            *([layers.Dropout(dropout)] if dropout else []),
            layers.Dense(made, activation),  # of each pixel, see tests/translation.py
        ]
    )


def parts(shape, dropout=0.0, channels=2):
    """Players between pictures of `shape` and such of two channels."""
    sides, other = shape[:2], (*shape[:2], channels)
    return {
        "encoder_a": half(sides, shape[2], 3, dropout=dropout),
        "encoder_b": half(sides, channels, 3),
        "shared_encoder": half(sides, 3, 4),
        "shared_decoder": half(sides, 4, 3),
        "decoder_a": half(sides, 3, shape[2], "tanh"),
        "decoder_b": half(sides, 3, channels, "tanh"),
        "discriminator_a": patches(shape, dropout),
        "discriminator_b": patches(other),
        "domain_discriminator": patches((*sides, 4)),
    }


class TestXGAN(TranslationTests):
    variant = kgan.XGAN
    toy_options = {"reconstruction_weight": 3.0}

    def phases(self):
        return ["discriminator", "domain_discriminator", "generator"]

    def players(self, shape, dropout=0.0):
        return parts(shape, dropout)

    def toy_players(self):
        leaky = {"units": (32,), "activation": "leaky_relu"}
        names = [name for player in kgan.XGAN.players.values() for name in player]
        return {name: mlp(2, 1 if "discriminator" in name else 2, **leaky) for name in names}

    def data(self, samples, seed=0):
        return {"a": samples, "b": self.target(samples)[::-1][: -(-len(samples) * 3 // 4)]}

    def assert_toy_is_learned(self, model):
        # Which of the ways that lead from one cloud to the other is learned, nothing says.
        points = self.toy()
        made = model.translate(points)
        np.testing.assert_allclose(made.mean(0), moved(points).mean(0), atol=0.15)
        assert np.linalg.norm(model.translate(made, to="a") - points, axis=-1).mean() < 0.25
        codes = model.encode(points, "a")
        assert np.abs(model.encode(made, "b") - codes).mean() < 0.25 * codes.std()


def game(seed=0, **options):
    return kgan.XGAN(**parts((4, 4, 1), channels=1), **options, seed=seed)


def frozen(network):
    network.trainable = False
    return network


def test_losses_by_hand():
    gan = game(teacher=frozen(half((4, 4), 1, 4)))
    gan.compile(**WEIGHTS)
    a, b, same_a, same_b, fake_b, fake_a = tensors(
        [np.full((2, 4, 4, 1), value, "float32") for value in (0.0, 1.0, 0.1, 0.8, 0.5, -0.25)]
    )
    code_a, code_b, again_a, again_b = tensors(
        [np.full((2, 4, 4, 4), value, "float32") for value in (0.5, -0.5, 0.75, -1.5)]
    )
    judge = lambda inputs, training: array(inputs)[:, :1, :1, :1]  # noqa: E731
    taught = lambda inputs, training: np.full((2, 4, 4, 4), 0.7, "float32")  # noqa: E731
    stand_in(gan, discriminator_a=judge, discriminator_b=judge, domain_discriminator=judge, teacher=taught)
    softplus = lambda value: np.log1p(np.exp(value))  # noqa: E731
    told_apart = softplus(-0.5) + softplus(-0.5)
    np.testing.assert_allclose(array(gan.domain_discriminator_loss(code_a, code_b)), 2 * [told_apart], rtol=1e-5)
    judged = softplus(-0.0) + softplus(-0.25) + softplus(-1.0) + softplus(0.5)
    np.testing.assert_allclose(array(gan.discriminator_loss(a, b, fake_a, fake_b)), 2 * [judged], rtol=1e-5)
    wanted = 3 * (0.1 + 0.2) - 0.5 * told_apart + 2 * (0.25 + 1.0) + 5 * 0.2
    wanted += 4 * (softplus(-0.5) + softplus(0.25))
    made = gan.generator_loss(a, b, code_a, code_b, same_a, same_b, fake_b, fake_a, again_a, again_b)
    np.testing.assert_allclose(array(made), 2 * [wanted], rtol=1e-5)


def test_a_teacher_is_asked_and_stays_as_it_is():
    teacher = frozen(half((4, 4), 1, 4))
    gan, before = game(teacher=teacher), [array(weight) for weight in teacher.weights]
    gan.compile(run_eagerly=True)
    logged = gan.fit({"a": images(4, (4, 4, 1)), "b": images(4, (4, 4, 1))}, batch_size=4, verbose=0).history
    assert "teacher_loss" in logged
    assert all(np.array_equal(one, array(other)) for one, other in zip(before, teacher.weights))


@pytest.mark.parametrize(
    "options, said",
    [
        ({"teacher": half((4, 4), 1, 4)}, "set `teacher.trainable = False`"),
        ({"teacher": frozen(half((4, 4), 1, 5))}, "but a code is"),
        ({"teacher": frozen(half((4, 4), 2, 4))}, "must take inputs of shape"),
        ({"loss": "relativistic"}, "A loss of pairs"),
        ({"domains": ("a", "a")}, "2 different names"),
    ],
)
def test_what_does_not_fit_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        game(**options)
    with pytest.raises(ValueError, match="must take inputs of shape"):
        kgan.XGAN(**{**parts((4, 4, 1)), "decoder_b": half((4, 4), 3, 1)})
    with pytest.raises(ValueError, match="`semantic_weight` must be at least 0"):
        game().compile(semantic_weight=-1.0)
