import keras
import numpy as np
import pytest
from harness import array, images, stand_in, tensors
from translation import TranslationTests, moved, patches

import kgan
from kgan.variants.combogan import shared_out

layers, mlp = keras.layers, kgan.networks.mlp
DOMAINS = ("a", "b", "c")


def half(channels, made, activation=None, dropout=0.0, sides=(None, None)):
    """An encoder or a decoder of pictures."""
    return keras.Sequential(
        [
            keras.Input((*sides, channels)),
            layers.Conv2D(4, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.9),
            layers.ReLU(),
            *([layers.Dropout(dropout)] if dropout else []),
            layers.Dense(made, activation),  # of each pixel, see tests/translation.py
        ]
    )


class TestComboGAN(TranslationTests):
    variant = kgan.ComboGAN
    options = {"pool_size": 3}
    toy_options, toy_rate = {"cycle_weight": 0.3}, 3e-3

    def phases(self):
        return ["generator", "discriminator"]

    def channels_of(self, shape):
        return {"a": shape[2], "b": shape[2], "c": 2}

    def players(self, shape, dropout=0.0):
        channels, sides = self.channels_of(shape), shape[:2]
        return {
            "encoders": {name: half(count, 3, None, dropout, sides) for name, count in channels.items()},
            "decoders": {name: half(3, count, "tanh", dropout, sides) for name, count in channels.items()},
            "discriminators": {name: patches((*sides, count), dropout) for name, count in channels.items()},
        }

    def toy_players(self):
        leaky = {"units": (32, 32), "activation": "leaky_relu"}
        return {
            kind: {name: mlp(2, width, **leaky) for name in DOMAINS}
            for kind, width in (("encoders", 2), ("decoders", 2), ("discriminators", 1))
        }

    def data(self, samples, seed=0):
        return {"a": samples, "b": -samples if samples.dtype == "float32" else samples, "c": self.target(samples)}

    def answer(self, model, inputs):
        return model.translate(inputs[0], to="c", source="a")

    def error(self, model):
        return np.linalg.norm(self.answer(model, [self.toy()]).mean(0) - moved(self.toy()).mean(0))

    def assert_toy_is_learned(self, model):
        data = self.data(self.toy())
        for source, to in model.directions:
            made = model.translate(data[source], to, source)
            np.testing.assert_allclose(made.mean(0), data[to].mean(0), atol=0.2)
            assert np.linalg.norm(model.translate(made, source, to) - data[source], axis=-1).mean() < 0.25


def game(seed=0, names=DOMAINS, **options):
    shape = (4, 4, 1)
    parts = [{name: part() for name in names} for part in (lambda: half(1, 3), lambda: half(3, 1, "tanh"))]
    return kgan.ComboGAN(*parts, {name: patches(shape) for name in names}, **options, seed=seed)


def domains(*sizes):
    return {name: images(size, (4, 4, 1), seed=size) for name, size in zip(DOMAINS, sizes)}


@pytest.mark.parametrize("count", [1, 2, 5, 8])
@pytest.mark.parametrize("n", [2, 3, 4])
def test_every_code_goes_to_another_domain_and_comes_home(n, count):
    parts = tensors([np.array([[domain, place] for place in range(count)]) for domain in range(n)])
    there = [array(part) for part in shared_out(parts, -1)]
    for host, guests in enumerate(there):
        assert guests.shape == (count, 2) and host not in guests[:, 0]
        assert guests[:, 1].tolist() == list(range(count))  # samples keep their places
        assert count < n - 1 or set(guests[:, 0]) == set(range(n)) - {host}
    home = [array(part) for part in shared_out(tensors(there), 1)]
    assert all(np.array_equal(came, array(left)) for came, left in zip(home, parts))


def test_what_comes_home_left_from_there():
    gan, data = game(), {name: images(4, (4, 4, 1), seed) for seed, name in enumerate(DOMAINS)}
    gan.compile()
    copy = {name: lambda inputs, training: inputs for name in DOMAINS}
    for part in ("encoder", "decoder"):
        stand_in(gan, **{f"{part}_{name}": network for name, network in copy.items()})
    fakes, home = (gan.trips([tensors(data[name]) for name in DOMAINS])[3 * way : 3 * way + 3] for way in (0, 1))
    for name, fake, back in zip(DOMAINS, fakes, home):
        np.testing.assert_array_equal(array(back), data[name])
        assert not any(np.array_equal(one, other) for one, other in zip(array(fake), data[name]))


def test_discriminators_see_what_the_pools_remember():
    gan, shown = game(), []
    gan.compile()
    loss = gan.discriminator_loss
    marked = [tensors(np.full((2, 4, 4, 1), 0.5, "float32")) for _ in DOMAINS]
    gan.remembered = lambda fakes: marked
    gan.discriminator_loss = lambda samples, fakes: shown.append(fakes) or loss(samples, fakes)
    gan.evaluate(domains(2, 2, 2), verbose=0)
    assert shown and all(fakes is marked for fakes in shown)


def test_losses_by_hand():
    gan = game(names=("a", "b"))
    gan.compile(cycle_weight=4.0, autoencoding_weight=2.0)
    a, b, fake_a, fake_b, home_a, home_b, same_a, same_b = tensors(
        [np.full((2, 4, 4, 1), value, "float32") for value in (0.0, 1.0, 0.25, 0.5, 0.1, 0.8, -0.3, 0.6)]
    )

    def judge(offset):
        return lambda inputs, training: array(inputs)[:, :1, :1] + offset

    stand_in(gan, discriminator_a=judge(0.0), discriminator_b=judge(1.0))
    wanted = (0.25 - 1) ** 2 + (0.5 + 1 - 1) ** 2 + 4 * (0.1 + 0.2) + 2 * (0.3 + 0.4)
    made = gan.generator_loss([a, b], fake_a, fake_b, home_a, home_b, same_a, same_b)
    np.testing.assert_allclose(array(made), 2 * [wanted], rtol=1e-5)
    judged = ((0.0 - 1) ** 2 + 0.25**2) / 2 + ((1 + 1.0 - 1) ** 2 + (0.5 + 1.0) ** 2) / 2
    np.testing.assert_allclose(array(gan.discriminator_loss([a, b], [fake_a, fake_b])), 2 * [judged], rtol=1e-5)


def test_networks_grow_as_the_domains():
    sizes = {n: game(names="abcdef"[:n]).count_params() for n in (2, 4, 6)}
    assert sizes[6] - sizes[4] == sizes[4] - sizes[2]


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda parts: [{"a": part["a"]} for part in parts], "two domains or more, not within a"),
        (lambda parts: [parts[0], parts[1], {"a": parts[2]["a"]}], "the discriminators of a: give each domain one"),
        (lambda parts: [parts[0], {**parts[1], "b": half(4, 1)}, parts[2]], "must take inputs of shape"),
        (lambda parts: [parts[0], {**parts[1], "b": half(3, 2)}, parts[2]], "must take inputs of shape"),
    ],
)
def test_networks_that_do_not_fit_are_refused(change, said):
    parts = [{name: half(1, 3) for name in "ab"}, {name: half(3, 1) for name in "ab"}]
    with pytest.raises(ValueError, match=said):
        kgan.ComboGAN(*change([*parts, {name: patches((4, 4, 1)) for name in "ab"}]))


def test_of_several_domains_one_says_which():
    gan, data = game(), domains(2, 2, 2)
    with pytest.raises(ValueError, match="Say from which domain: `source=` one of a, b"):
        gan.translate(data["a"], to="c")
    with pytest.raises(ValueError, match="`source` and `to` are both 'c'"):
        gan.translate(data["c"], to="c", source="c")
    assert gan.encode(data["a"], "a").shape == (2, 4, 4, 3)
    assert list(gan.sheet(data))[:4] == ["a", "a to b", "a to c", "b"]
