"""What moves whom: by whatever names, along every path of the gradient, with everything that a network asks for."""

import keras
import numpy as np
import pytest
from games import arrays, build, mlp, points
from keras import ops

import kgan


def step(gan, count=4):
    gan.fit(points(count), batch_size=count, shuffle=False, verbose=0)
    return gan


def test_an_average_follows_a_player_of_any_name():
    class Named(kgan.GAN):
        players = {"critic": ("discriminator",), "artist": ("generator",)}

        def compile(self, **options):
            kgan.engine.AdversarialModel.compile(self, {"critic": None, "artist": keras.optimizers.SGD(1.0)}, **options)

        def train_step(self, data):
            real, G = self.samples(data), self.nets("generator")
            latents = self.latents(real)
            fake = self.record("artist", lambda: G(latents))
            self.minimize("critic", lambda: self.discriminator_loss(real, fake.outputs))
            self.minimize("artist", lambda images: self.generator_loss(real, images), through=fake)
            return self.logs()

    gan = build(Named)
    gan.keep_average(0.5)
    before = arrays(gan.averaged_generator.weights)
    step(gan)
    keep = 2 / 11  # after the first move, whatever the decay
    for old, average, new in zip(before, arrays(gan.averaged_generator.weights), arrays(gan.generator.weights)):
        np.testing.assert_allclose(average, keep * old + (1 - keep) * new, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("through", [True, False])
def test_what_a_loss_owes_a_player_directly_moves_it(through):
    """A loss of the recorded outputs that calls another network of the same player: E[G(z)] + E[H(z)], both linear."""

    class Two(kgan.engine.AdversarialModel):
        players = {"makers": ("first", "second")}

        def __init__(self, first, second, seed=None, name=None):
            super().__init__({"first": first, "second": second}, seed=seed, name=name)

        def compile(self, **options):
            super().compile({"makers": keras.optimizers.SGD(1.0)}, **options)

        def check_batch(self, batch):
            pass

        def train_step(self, data):
            first, second = self.nets("first", "second")
            made = self.record("makers", lambda: first(data))
            if through:
                self.minimize("makers", lambda made: ops.sum(made + 3.0 * second(data), axis=-1), through=made)
            else:
                self.minimize("makers", lambda: ops.sum(first(data) + 3.0 * second(data), axis=-1))
            return self.logs()

    def dense():
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, use_bias=False)])

    game, data = Two(dense(), dense(), seed=0), points(4)
    game.compile(run_eagerly=keras.config.backend() == "tensorflow")
    before = arrays(game.trainable_variables)
    step(game)
    for old, new, slope in zip(before, arrays(game.trainable_variables), (1.0, 3.0)):
        np.testing.assert_allclose(new, old - slope * data.mean(0)[:, None], rtol=1e-5, atol=1e-6)


class Activity(keras.layers.Layer):
    """Adds the sum of what it sees, times a weight, to the loss."""

    def __init__(self, weight, **options):
        super().__init__(**options)
        self.weight = weight

    def call(self, inputs):
        self.add_loss(self.weight * ops.sum(inputs))
        return inputs

    def get_config(self):
        return {**super().get_config(), "weight": self.weight}


SGD = {
    "generator_optimizer": lambda: keras.optimizers.SGD(1.0),
    "discriminator_optimizer": lambda: keras.optimizers.SGD(1.0),
}


def moved(generator, discriminator):
    """How far a step moves each player's only kernel."""
    gan = build(generator=generator, discriminator=discriminator, **{name: make() for name, make in SGD.items()})
    before = arrays([generator.trainable_variables[0], discriminator.trainable_variables[0]])
    step(gan)
    after = arrays([generator.trainable_variables[0], discriminator.trainable_variables[0]])
    return [new - old for old, new in zip(before, after)], before


def linear(inputs, outputs, *more, **options):
    kernel = keras.initializers.RandomNormal(stddev=0.1, seed=1)
    dense = keras.layers.Dense(outputs, use_bias=False, kernel_initializer=kernel, **options)
    return keras.Sequential([keras.Input((inputs,)), dense, *more])


@pytest.mark.parametrize("regularized", ["generator", "discriminator"])
def test_regularizers_belong_to_their_players_loss(regularized):
    plain, kernels = moved(linear(3, 2), linear(2, 1))
    shapes = {"generator": (3, 2), "discriminator": (2, 1)}
    players = {name: linear(*shape) for name, shape in shapes.items()}
    players[regularized] = linear(*shapes[regularized], kernel_regularizer=keras.regularizers.L2(0.05))
    with_one, _ = moved(players["generator"], players["discriminator"])
    index = list(shapes).index(regularized)
    np.testing.assert_allclose(with_one[index] - plain[index], -2 * 0.05 * kernels[index], rtol=1e-4, atol=1e-6)
    if regularized == "generator":  # the discriminator moves first, so nothing else changes
        np.testing.assert_allclose(with_one[1], plain[1], atol=1e-7)


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_add_loss_belongs_to_its_players_loss(player):
    """The generator's goes through the recorded pass, the discriminator's through two calls in one move."""
    shapes = {"generator": (3, 2), "discriminator": (2, 1)}
    players = {name: linear(*shape) for name, shape in shapes.items()}
    kernel = arrays(linear(*shapes[player]).weights)[0]
    plain, _ = moved(linear(3, 2), linear(2, 1))
    players[player] = linear(*shapes[player], Activity(0.01))
    with_one, _ = moved(players["generator"], players["discriminator"])
    index = list(shapes).index(player)
    difference = with_one[index] - plain[index]
    gan = build(generator=linear(3, 2), discriminator=linear(2, 1))
    latents = arrays([gan.latents(points(4))])[0]
    inputs = (
        latents if player == "generator" else np.concatenate([points(4), latents @ arrays(linear(3, 2).weights)[0]])
    )
    expected = -0.01 * np.repeat(inputs.sum(0)[:, None], kernel.shape[1], axis=1)
    np.testing.assert_allclose(difference, expected, rtol=1e-3, atol=1e-6)


def test_what_is_asked_for_is_in_the_log_and_not_in_an_evaluation():
    gan = build(discriminator=linear(2, 1, kernel_regularizer=lambda kernel: 0.0 * ops.sum(kernel) + 100.0))
    history = gan.fit(points(4), validation_data=points(4), verbose=0).history
    assert history["discriminator_loss"][0] > 100 > 10 > history["val_discriminator_loss"][0]


def test_a_frozen_teacher_outside_the_players_stays_as_it_is():
    class Taught(kgan.GAN):
        def __init__(self, generator, discriminator, teacher, seed=None, name=None):
            super().__init__(generator, discriminator, seed=seed, name=name)
            self.teacher = teacher

        def generator_loss(self, real, fake):
            return super().generator_loss(real, fake) + self.teacher(fake, training=True)[:, 0]

    teacher = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    gan = build(Taught, constructor={"teacher": teacher})
    before = arrays(teacher.weights)
    step(gan)
    assert all(np.array_equal(old, new) for old, new in zip(before, arrays(teacher.weights)))


def test_a_loss_of_several_values_a_sample_is_averaged_on_replicas_too(monkeypatch):
    from kgan.engine import backend

    monkeypatch.setattr(backend, "replicas", lambda: 2)
    monkeypatch.setattr(backend, "share", lambda count: (0, 3))
    parts = [[[1.0, 3.0], [2.0, 2.0]], [[4.0, 8.0]]]
    shares = [float(backend.share_of_mean(ops.convert_to_tensor(part))) for part in parts]
    assert sum(shares) == pytest.approx((2 + 2 + 6) / 3)


def test_an_evaluation_is_of_the_networks_that_are_served():
    gan = build()
    gan.keep_average(0.9)
    gan.generator.set_weights([weight + 1.0 for weight in gan.generator.get_weights()])
    seen = []
    gan.evaluation_metrics = []

    class Spy(keras.metrics.Mean):
        def update_state(self, real, generated):
            seen.append(arrays([generated])[0])

    gan.compile(metrics=[Spy(name="spy")], run_eagerly=True)
    if keras.config.backend() == "jax":
        pytest.skip("JAX compiles an evaluation, so that a Python list sees no values")
    gan.evaluate(points(4), batch_size=4, verbose=0)
    gan.evaluation_seed_generator.state.assign(np.array([1, 0], gan.evaluation_seed_generator.state.dtype))
    gan.play.step.learning = False
    latents = gan.latents(points(4))
    gan.play.step.learning = True
    np.testing.assert_allclose(seen[0], arrays([gan.averaged_generator(latents)])[0], atol=1e-6)


@pytest.mark.parametrize("layer", [keras.layers.Dense, lambda _: keras.layers.Dropout(0.5)])  # weights; a random state
def test_networks_that_share_a_layer_are_refused(layer):
    shared = layer(2)
    first, second = (keras.Sequential([keras.Input((2,)), shared, keras.layers.Dense(width)]) for width in (2, 1))
    with pytest.raises(ValueError, match="share the layer.*clone_model"):
        kgan.GAN(first, second)
    copy = keras.models.clone_model(second)
    assert build(generator=first, discriminator=copy).generate(2).shape == (2, 2)


def test_averages_of_networks_that_no_registry_knows():
    class Shift(keras.layers.Layer):
        def call(self, inputs):
            return inputs + 1.0

    generator = keras.Sequential([*mlp(3, 2).layers, Shift(), keras.layers.Lambda(lambda x: 2.0 * x)])
    generator.build((None, 3))
    gan = build(generator=generator)
    gan.keep_average(0.9)
    latents = np.ones((2, 3), "float32")
    np.testing.assert_allclose(gan.generate(latents=latents), arrays([generator(latents)])[0], rtol=1e-5)


@pytest.mark.parametrize("frozen", ["generator", "discriminator"])
def test_a_frozen_player_stays_and_the_other_moves(frozen):
    gan = build()
    getattr(gan, frozen).trainable = False
    gan.compile(run_eagerly=gan.run_eagerly)
    before = {name: arrays(getattr(gan, name).weights) for name in ("generator", "discriminator")}
    step(gan)
    for name, weights in before.items():
        same = [np.array_equal(old, new) for old, new in zip(weights, arrays(getattr(gan, name).weights))]
        assert all(same) if name == frozen else not any(same), name


def test_an_add_loss_that_is_constant_moves_nothing():
    class Constant(keras.layers.Layer):
        def call(self, inputs):
            self.add_loss(ops.convert_to_tensor(3.0))
            return inputs

    plain, _ = moved(linear(3, 2), linear(2, 1))
    with_one, _ = moved(linear(3, 2, Constant()), linear(2, 1))
    np.testing.assert_allclose(with_one[0], plain[0], atol=1e-6)


def test_clipping_spares_what_was_clipped_before():
    gan = kgan.WGAN(
        mlp(3, 2), keras.Sequential([keras.Input((2,)), keras.layers.LayerNormalization(), keras.layers.Dense(1)])
    )
    gan.compile(run_eagerly=True)
    gan.compile(run_eagerly=True, clip_normalization=False)
    step(gan)
    assert arrays(gan.discriminator.trainable_variables)[0].min() > 0.5


class Several(kgan.engine.AdversarialModel):
    """As many artists as it is told, each with an optimizer of its own, who all draw towards the data."""

    def __init__(self, artists, seed=None, name=None):
        names = [f"artist_{index}" for index in range(len(artists))]
        players = {name: (name,) for name in names}
        super().__init__(dict(zip(names, artists)), seed=seed, name=name, players=players)

    def compile(self, rate=0.1, **options):
        self.rate = rate
        super().compile({player: keras.optimizers.SGD(rate) for player in self.players}, **options)

    def check_batch(self, batch):
        """Anything goes."""

    def train_step(self, data):
        (points, _, _) = keras.utils.unpack_x_y_sample_weight(data)
        for player in self.players:
            artist = self.nets(player)
            self.minimize(player, lambda: keras.ops.sum(keras.ops.square(artist(points) - points), axis=-1))
        return self.logs()


def test_players_may_depend_on_an_argument(tmp_path):
    game = Several([kgan.networks.mlp(2, 2, units=()) for _ in range(3)], seed=0)
    game.compile()
    points = np.random.default_rng(0).normal(size=(32, 2)).astype("float32")
    history = game.fit(points, batch_size=8, epochs=3, verbose=0).history
    assert set(history) == {"artist_0_loss", "artist_1_loss", "artist_2_loss"}
    assert all(losses[-1] < losses[0] for losses in history.values())
    game.save(tmp_path / "game.keras")
    loaded = keras.saving.load_model(tmp_path / "game.keras")
    assert list(loaded.players) == list(game.players) and Several.players == {}
    for one, other in zip(game.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(one), keras.ops.convert_to_numpy(other))
