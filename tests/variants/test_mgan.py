import keras
import numpy as np
import pytest
from conditional import ConditionalTests, with_heads
from harness import array, stand_in

import kgan

mlp = kgan.networks.mlp


class TestMGAN(ConditionalTests):
    variant = kgan.MGAN
    options = {"generators": 3}

    @property
    def toy_options(self):
        # One blob for all of them, around which they circle less the slower they are.
        return {"diversity_weight": 0.0, "generator_optimizer": keras.optimizers.Adam(3e-4, beta_1=0.5)}

    def data(self, samples, seed=0):
        return samples

    def judge(self, network, shape):
        return with_heads(network, shape, 3)


def build(k=3, trunk=None):
    return kgan.MGAN(
        kgan.networks.ensemble([mlp(2, 2) for _ in range(k)], trunk), kgan.networks.heads(mlp(2, 32), (1, k)), k, seed=0
    )


def test_an_index_chooses_its_generator():
    stems, trunk = [mlp(2, 5, units=()) for _ in range(3)], mlp(5, 2)
    latents, index = np.random.default_rng(0).normal(size=(7, 2)).astype("float32"), np.array([0, 1, 2, 0, 2, 1, 1])
    for network in (
        kgan.networks.ensemble(stems, trunk),
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(build().generator)),
    ):
        network([latents, index])
    made = array(kgan.networks.ensemble(stems, trunk)([latents, index]))
    alone = [array(trunk(stem(latents))) for stem in stems]
    np.testing.assert_allclose(made, [alone[i][row] for row, i in enumerate(index)], rtol=1e-5)


def test_generate_takes_the_index():
    gan, latents = build(), np.ones((3, 2), "float32")
    a, b, c = (gan.generate(latents=latents, generator=i) for i in range(3))
    assert not np.allclose(a, b) and not np.allclose(b, c)
    np.testing.assert_allclose(gan.generate(latents=latents, generator=[0, 1, 2]), [a[0], b[0], c[0]], rtol=1e-5)
    assert gan.generate(generator=[0, 1, 2, 2], seed=0).shape == (4, 2)
    drawn = array(gan.indices(np.zeros((3000, 2))))
    np.testing.assert_allclose(np.bincount(drawn) / 3000, 1 / 3, atol=0.04)
    with pytest.raises(ValueError, match="0..2"):
        gan.generate(generator=3)


def test_losses_by_hand():
    gan = build()
    gan.compile(diversity_weight=0.5)
    guess = np.array([[1.0, 0.0, 2.0]], "float32")
    stand_in(gan, discriminator=lambda samples, training: [array(samples)[:, :1], guess])
    real, fake, index = np.full((1, 2), 1.5, "float32"), np.full((1, 2), -1.0, "float32"), np.array([2])
    missed = np.log(np.exp(guess).sum()) - 2
    expected = np.log1p(np.exp(-1.5)) + np.log1p(np.exp(-1.0)) + missed
    np.testing.assert_allclose(array(gan.discriminator_loss(real, fake, index)), [expected], rtol=1e-5)
    np.testing.assert_allclose(
        array(gan.generator_loss(fake, index)), [np.log1p(np.exp(1.0)) + 0.5 * missed], rtol=1e-5
    )


def test_generators_share_the_modes_out():
    random, centres = np.random.default_rng(0), np.array([[2.0, 0], [-2, 2], [-2, -2]])
    points = (centres[random.integers(3, size=1500)] + 0.1 * random.normal(size=(1500, 2))).astype("float32")
    generator = kgan.networks.ensemble([mlp(2, 64, units=(64,)) for _ in range(3)], trunk=mlp(64, 2, units=(64,)))
    gan = kgan.MGAN(generator, kgan.networks.heads(mlp(2, 64, units=(64,)), (1, 3)), 3, seed=0)
    gan.compile(keras.optimizers.Adam(1e-3, beta_1=0.5), keras.optimizers.Adam(1e-3, beta_1=0.5), diversity_weight=0.5)
    gan.fit(points, batch_size=60, epochs=40, verbose=0)
    homes = []
    for index in range(3):
        nearest = np.linalg.norm(gan.generate(200, generator=index, seed=0)[:, None] - centres, axis=-1).argmin(-1)
        homes.append(np.bincount(nearest, minlength=3).argmax())
        assert (nearest == homes[-1]).mean() > 0.8
    assert sorted(homes) == [0, 1, 2]


def test_numbers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="at least 2"):
        build(1)
    with pytest.raises(ValueError, match="2 networks, but `generators` is 3"):
        kgan.MGAN(kgan.networks.ensemble([mlp(2, 2), mlp(2, 2)]), kgan.networks.heads(mlp(2, 8), (1, 3)), 3)
    with pytest.raises(ValueError, match="must take inputs of shape"):
        kgan.MGAN(kgan.networks.ensemble([mlp(2, 3), mlp(2, 3)]), kgan.networks.heads(mlp(2, 8), (1, 2)), 2)
    with pytest.raises(ValueError, match="of one shape"):
        kgan.networks.ensemble([mlp(2, 1), mlp(2, 2)])
    with pytest.raises(ValueError, match="`diversity_weight`"):
        build().compile(diversity_weight=-1)
    with pytest.raises(ValueError, match="generator logits"):
        kgan.MGAN(kgan.networks.ensemble([mlp(2, 2), mlp(2, 2)]), kgan.networks.heads(mlp(2, 8), (1, 3)), 2)
