import keras
import numpy as np
import pytest
from conditional import ConditionalTests
from harness import EngineTests, array, stand_in, tensors

import kgan

layers = keras.layers


class TestCGAN(EngineTests, ConditionalTests):
    variant = kgan.CGAN
    options = {"classes": 3}


class TestTwoBranches(ConditionalTests):
    variant = kgan.CGAN
    options = {"classes": 3, "design": "two_branch", "loss": "hinge"}
    toy_options = {"mismatch_weight": 0.0}  # the toy's labels mean nothing

    def judge(self, network, shape):
        pair = super().judge(network, shape)
        match = layers.Dense(1)(
            layers.Concatenate()([layers.Flatten()(pair.inputs[0]), layers.Embedding(3, 4)(pair.inputs[1])])
        )
        return keras.Model(pair.inputs, [network(pair.inputs[0]), match])


def build(**options):
    players = TestCGAN().toy_players()
    return kgan.CGAN(**players, classes=3, seed=0, **options)


def test_mismatched_samples_have_another_label_and_all_others_are_drawn():
    gan, labels, drawn = build(), np.array([0, 0, 1, 2, 2, 2]), set()
    for _ in range(60):
        others, differs = (array(part) for part in gan.mismatched(labels))
        assert (labels[others] != labels).all() and (differs == 1).all()
        drawn |= {(index, int(other)) for index, other in enumerate(others)}
    assert drawn == {(i, j) for i in range(6) for j in range(6) if labels[i] != labels[j]}


def test_a_batch_of_one_class_has_no_mismatch_and_trains():
    gan = build()
    others, differs = (array(part) for part in gan.mismatched(np.array([1, 1, 1])))
    assert (differs == 0).all() and others.shape == (3,)
    gan.compile()
    points = np.random.default_rng(0).normal(size=(8, 2)).astype("float32")
    history = gan.fit(((points[:4], np.ones(4, int)) for _ in range(2)), verbose=0).history
    assert np.isfinite(list(history.values())).all()


def test_losses_by_hand():
    gan = build()
    gan.compile(mismatch_weight=0.5)
    logits = {"real": [1.0, -2.0], "fake": [0.5, 3.0], "other": [-1.0, 4.0]}
    named = tensors({name: np.full((2, 2), index, "float32") for index, name in enumerate(logits)})
    stand_in(
        gan,
        discriminator=lambda inputs, training: np.array(logits[list(named)[int(array(inputs[0])[0, 0])]], "float32")[
            :, None
        ],
    )

    def softplus(values):
        return np.log1p(np.exp(values))

    real, fake, other = (np.array(values) for values in logits.values())
    loss = array(
        gan.discriminator_loss(
            named["real"], None, named["fake"], named["other"], tensors(np.array([1.0, 0.0], "float32"))
        )
    )
    full = softplus(-real) + softplus(fake)
    expected = [(full[0] + 0.5 * (softplus(-real[0]) + softplus(other[0]))) / 1.5, full[1]]
    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    np.testing.assert_allclose(array(gan.generator_loss(named["fake"], None)), softplus(-fake), rtol=1e-5)


def test_losses_of_two_branches_by_hand():
    gan = kgan.CGAN(**TestTwoBranches().toy_players(), classes=3, design="two_branch", seed=0)
    gan.compile(mismatch_weight=0.5)
    logits = {"real": (1.0, -2.0), "fake": (0.5, 3.0), "other": (-1.0, 4.0)}  # is it real, does it match
    named = tensors({name: np.full((2, 2), index, "float32") for index, name in enumerate(logits)})
    stand_in(
        gan,
        discriminator=lambda inputs, training: [
            np.full((2, 1), v, "float32") for v in list(logits.values())[int(array(inputs[0])[0, 0])]
        ],
    )

    def softplus(value):
        return np.log1p(np.exp(value))

    loss = array(
        gan.discriminator_loss(
            named["real"], None, named["fake"], named["other"], tensors(np.array([1.0, 0.0], "float32"))
        )
    )
    judged, matched = softplus(-1.0) + softplus(0.5), softplus(2.0) + softplus(4.0)
    np.testing.assert_allclose(loss, [judged + 0.5 * matched, judged], rtol=1e-5)
    np.testing.assert_allclose(
        array(gan.generator_loss(named["fake"], None)), 2 * [softplus(-0.5) + 0.5 * softplus(-3.0)], rtol=1e-5
    )


def test_a_step_judges_each_label_with_a_sample_of_another():
    gan, seen = build(), []
    gan.compile(run_eagerly=True)
    labels = np.arange(9) % 3
    points = np.stack([labels, np.arange(9)], axis=1).astype("float32")  # a sample knows its label
    loss = gan.discriminator_loss

    def watched(real, asked, fake, mismatched, differs):
        seen.append([array(part) for part in (real, asked, mismatched)])
        return loss(real, asked, fake, mismatched, differs)

    gan.discriminator_loss = watched
    gan.fit(points, labels, batch_size=9, verbose=0)
    real, asked, mismatched = seen[-1]
    assert (real[:, 0] == asked).all() and (mismatched[:, 0] != asked).all()
    assert {tuple(row) for row in mismatched} <= {tuple(row) for row in points}


def test_vectors_are_labels_too():
    latents, labels, points = keras.Input((4,)), keras.Input((3,)), keras.Input((2,))
    generator = keras.Model([latents, labels], layers.Dense(2)(layers.Concatenate()([latents, labels])))
    discriminator = keras.Model([points, labels], layers.Dense(1)(layers.Concatenate()([points, labels])))
    gan = kgan.CGAN(generator, discriminator, seed=0)
    gan.compile()
    random = np.random.default_rng(0)
    gan.fit(
        random.normal(size=(8, 2)).astype("float32"),
        random.normal(size=(8, 3)).astype("float32"),
        batch_size=4,
        verbose=0,
    )
    assert gan.generate(labels=np.ones((5, 3))).shape == (5, 2) and gan.generate(4, labels=np.ones(3)).shape == (4, 2)
    with pytest.raises(ValueError, match="say which"):
        gan.generate(4)


def test_labels_say_what_is_made():
    gan = build()
    a, b = (gan.generate(labels=[0, 0, 1], seed=seed) for seed in (1, 1))
    np.testing.assert_array_equal(a, b)
    latents = np.ones((3, 4), "float32")
    first, second, third = gan.generate(latents=latents, labels=[0, 0, 1])
    np.testing.assert_allclose(first, second, atol=1e-6)  # rows of one matrix product may be summed in different orders
    assert not np.allclose(first, third)
    assert (
        gan.generate().shape == (1, 2)
        and gan.generate(5, labels=2).shape == (5, 2)
        and gan.interpolate(4, labels=1).shape == (4, 2)
    )


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.array([0, 1, 3, 0]), "0..2 for 3 classes, but go from 0 to 3"),
        (np.array([0, -1, 2, 0]), "from -1 to 2"),
        (np.array([0.0, 1.0, 2.0, 0.0]), "not float32"),
        (np.array([0, 1, 0, 1]), "declared 3 classes"),
        (None, "learns from pairs"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, said):
    gan = build()
    gan.compile()
    points = np.zeros((4, 2), "float32")
    with pytest.raises(ValueError, match=said):
        gan.fit(points, labels, verbose=0)


def test_all_labels_of_an_array_are_looked_at():
    gan, points = build(), np.zeros((40, 2), "float32")
    gan.compile()
    late = np.where(np.arange(40) == 35, 7, np.arange(40) % 3)
    for call in (
        lambda: gan.fit(points, late, batch_size=4, shuffle=False, verbose=0),
        lambda: gan.evaluate(points, late, batch_size=4, verbose=0),
    ):
        with pytest.raises(ValueError, match="go from 0 to 7"):
            call()
    assert int(gan.generator_optimizer.iterations) == 0
    assert np.isfinite(
        gan.evaluate(points[:4], np.zeros(4, int), verbose=0)
    ).all()  # what is evaluated need not have every class


def test_one_hot_labels_and_a_call_without_labels_are_refused():
    gan = build()
    gan.compile()
    with pytest.raises(ValueError, match=r"argmax\(-1\)"):
        gan.fit(np.zeros((6, 2), "float32"), np.eye(3, dtype=int)[np.arange(6) % 3], verbose=0)
    with pytest.raises(ValueError, match="called on .latents"):
        gan(np.zeros((2, 4), "float32"))


def test_labels_to_generate_by_that_do_not_fit_are_refused():
    gan = build()
    for labels, said in (([0, 3], "0..2"), ([0.5], "integers")):
        with pytest.raises(ValueError, match=said):
            gan.generate(labels=labels)
    with pytest.raises(ValueError, match="one label for each of 4"):
        gan.generate(4, labels=[1, 2])


def test_networks_that_do_not_fit_are_refused():
    players = TestCGAN().toy_players()
    with pytest.raises(ValueError, match=r"takes \[latents, labels\]"):
        kgan.CGAN(kgan.networks.mlp(2, 2), players["discriminator"], classes=3)
    with pytest.raises(ValueError, match="how many `classes`"):
        kgan.CGAN(**players)
    with pytest.raises(ValueError, match="at least 2, not 1"):
        kgan.CGAN(**players, classes=1)
    for discriminator in (kgan.networks.mlp(2, 1), TestCGAN().judge(kgan.networks.mlp(3, 1), (3,))):
        with pytest.raises(ValueError, match=r"must take inputs of shape \(None, 2\), \(None,\)"):
            kgan.CGAN(players["generator"], discriminator, classes=3)
    sure = keras.Model(
        players["discriminator"].inputs, layers.Activation("sigmoid")(players["discriminator"].outputs[0])
    )
    with pytest.raises(ValueError, match="ends in a sigmoid"):
        kgan.CGAN(players["generator"], sure, classes=3)
    with pytest.raises(ValueError, match="match logit"):
        kgan.CGAN(**players, classes=3, design="two_branch")
    with pytest.raises(ValueError, match="paired"):
        kgan.CGAN(**players, classes=3, loss="relativistic")


def test_evaluate_asks_for_the_labels_of_the_data():
    shape, count = (16, 16, 1), 12
    labels, images = (
        np.arange(count) % 3,
        np.repeat(np.linspace(-1, 1, 3), 4)[:, None, None, None] * np.ones((1, *shape)),
    )
    images = np.concatenate([images[index::4] for index in range(4)]).astype("float32")
    grey = keras.Sequential(
        [keras.Input((), dtype="int32"), layers.Embedding(3, 1), layers.Reshape((1, 1, 1)), layers.UpSampling2D(16)]
    )
    grey.layers[0].set_weights([np.array([[-1.0], [0.0], [1.0]])])
    latents, asked = keras.Input((4,)), keras.Input((), dtype="int32")
    silent = layers.Reshape((1, 1, 1))(layers.Dense(1, kernel_initializer="zeros")(latents))
    generator = keras.Model([latents, asked], layers.Add()([grey(asked), silent]))
    gan = kgan.CGAN(
        generator,
        TestCGAN().judge(keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Dense(1)]), shape),
        classes=3,
        seed=0,
    )
    mean = keras.Sequential([keras.Input(shape), layers.GlobalAveragePooling2D(), layers.Dense(3)], name="mean")
    mean.layers[-1].set_weights([np.array([[-1.0, 0.0, 1.0]]), np.array([-0.5, 0.0, -0.5])])
    gan.compile(metrics=[kgan.metrics.ClassAccuracy(mean, samples=count), kgan.metrics.ClassDiversity(samples=count)])
    scores = gan.evaluate(images, labels, batch_size=6, return_dict=True, verbose=0)
    assert scores["class_accuracy12_mean"] == 1.0 and scores["class_ms_ssim12"] > 0.99
    wrong = gan.evaluate(images, (labels + 1) % 3, batch_size=6, return_dict=True, verbose=0)
    assert wrong["class_accuracy12_mean"] == 1.0  # of what was asked for, whatever the images show


def test_a_game_without_labels_has_no_class_accuracy():
    shape = (16, 16, 1)
    gan = kgan.DCGAN(kgan.networks.dcgan_generator(shape, 4, 4), kgan.networks.dcgan_discriminator(shape, 4), seed=0)
    gan.compile(metrics=[kgan.metrics.ClassDiversity(samples=4)])
    with pytest.raises(ValueError, match="DCGAN has no labels to show"):
        gan.evaluate(np.zeros((4, *shape), "float32"), verbose=0)
