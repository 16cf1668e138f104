"""What a game leaves in a file: everything once, and nothing that `compile` hung on it."""

import io
import zipfile

import h5py
import keras
import numpy as np
import pytest
from games import arrays, build, build_labelled, mlp, points

import kgan


def array_bytes(path):
    """Bytes of all arrays in a `.keras` file."""
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
        sizes = []
        file.visititems(lambda name, item: sizes.append(item.nbytes) if isinstance(item, h5py.Dataset) else None)
    return sum(sizes)


@pytest.mark.parametrize("average", [False, True])
def test_a_file_holds_each_array_once(tmp_path, average):
    gan = build(critic_steps=2)
    gan.fit(points(), verbose=0)
    if average:
        gan.keep_average(0.9)
    gan.save(tmp_path / "gan.keras")
    metrics = {id(variable) for variable in gan.metrics_variables}
    held = [v for v in [*gan.variables, *gan.optimizer.variables] if id(v) not in metrics]
    numbers = 2 * 8 + (8 if average else 0) + len(keras.config.backend())  # seed, epochs, decay, and the backend's name
    if keras.config.backend() == "torch":
        numbers += sum(np.asarray(state).nbytes for state in gan.global_random_states().values())
    assert array_bytes(tmp_path / "gan.keras") == sum(array.nbytes for array in arrays(held)) + numbers


def test_loading_without_compiling(tmp_path):
    gan = build()
    gan.fit(points(), verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras", compile=False)
    assert not loaded.compiled and np.array_equal(loaded.generate(3, seed=0), gan.generate(3, seed=0))
    loaded.compile()
    loaded.fit(points(), verbose=0)


def test_weights_before_compile(tmp_path):
    gan = build()
    gan.fit(points(), verbose=0)
    gan.save_weights(tmp_path / "gan.weights.h5")
    fresh = kgan.GAN(mlp(3, 2), mlp(2, 1))
    fresh.load_weights(tmp_path / "gan.weights.h5")
    assert np.array_equal(fresh.generate(3, seed=0), gan.generate(3, seed=0)) and fresh.seed == gan.seed


def test_an_average_that_the_model_lacks_is_kept_from_then_on(tmp_path):
    gan = build()
    gan.keep_average(0.9)
    gan.fit(points(), verbose=0)
    gan.save_weights(tmp_path / "gan.weights.h5")
    plain = build(seed=5)
    plain.load_weights(tmp_path / "gan.weights.h5")
    assert plain.ema_decay == 0.9 and np.array_equal(plain.generate(3, seed=0), gan.generate(3, seed=0))


def test_the_old_format_is_refused_by_name(tmp_path):
    gan = build()
    with pytest.raises(ValueError, match="`.keras`"):
        gan.save(tmp_path / "gan.h5")
    gan.save(str(tmp_path / "gan.keras"))


class Weighed(kgan.GAN):
    """A game of one's own, as one writes it: no registration, no `get_config`."""

    def __init__(self, generator, discriminator, weight, schedule=None, **options):
        super().__init__(generator, discriminator, **options)
        self.weight = weight

    def compile(self, strength=1.0, **options):
        super().compile(**options)
        self.strength = strength

    def generator_loss(self, real, fake):
        return self.strength * self.weight * super().generator_loss(real, fake)


class Doubled(kgan.losses.AdversarialLoss):
    def _real(self, real):
        return 2 * keras.ops.softplus(-real)

    def _generated(self, fake):
        return 2 * keras.ops.softplus(fake)

    def _generator(self, fake, real):
        return keras.ops.softplus(-fake)


def test_a_game_and_a_loss_of_ones_own_load_again(tmp_path):
    keras.utils.set_random_seed(0)
    gan = Weighed(mlp(3, 2), mlp(2, 1), 2.0, loss=Doubled(), seed=4)
    gan.compile(strength=3.0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert type(loaded) is Weighed and (loaded.weight, loaded.strength, loaded.seed) == (2.0, 3.0, 4)
    assert type(loaded.adversarial_loss) is Doubled
    assert np.array_equal(loaded.generate(3, seed=0), gan.generate(3, seed=0))


def test_names_of_classes_are_learned_and_saved(tmp_path):
    gan, names = build_labelled(), ["cat", "dog", "owl"]
    with pytest.raises(ValueError, match=r"no names of classes.*by number, 0\.\.2"):
        gan.generate(labels=["cat"])
    gan.fit(kgan.data.Batches(points(), np.arange(12) % 3, batch_size=4, class_names=names), verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    asked = loaded.generate(labels=["owl", "cat"], seed=0)
    assert np.array_equal(asked, gan.generate(labels=[2, 0], seed=0))
    assert np.array_equal(gan.generate(2, labels="owl", seed=0), gan.generate(2, labels=2, seed=0))
    with pytest.raises(ValueError, match="no class 'cow': the classes are cat, dog, owl"):
        loaded.generate(labels=["cow"])


def test_the_law_of_latents_is_one(tmp_path):
    gan = build(constructor={"prior": "uniform"})
    latents = gan.random_latents(1000, np.random.default_rng(0))
    drawn = arrays([gan.latents(np.zeros((1000, 2)))])[0]
    for sample in (latents, drawn, gan.walk(100, seed=0)):
        assert np.abs(sample).max() <= 1 and sample.shape[1] == 3
    assert latents.std() == pytest.approx(3**-0.5, abs=0.02) and drawn.std() == pytest.approx(3**-0.5, abs=0.02)
    assert np.array_equal(
        gan.generate(5, seed=0), gan.generate(latents=gan.random_latents(5, np.random.default_rng(0)))
    )
    gan.save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").prior.name == "uniform"
    with pytest.raises(ValueError, match="'normal' or 'uniform', not 'cauchy'"):
        build(constructor={"prior": "cauchy"})


def test_jit_compile_is_saved_as_it_was_given(tmp_path):
    """What "auto" comes to on one machine and backend is not what it comes to on another."""
    gan = build(run_eagerly=False)
    gan.save(tmp_path / "gan.keras")
    assert gan.get_compile_config()["jit_compile"] == "auto"
    assert keras.saving.load_model(tmp_path / "gan.keras").get_compile_config()["jit_compile"] == "auto"


def test_optimizers_that_pytorch_wrote_are_keras_own():
    gan = build()
    config = gan.get_compile_config()
    config["generator_optimizer"] |= {"module": "keras.src.backend.torch.optimizers.torch_adam"}
    gan.compile_from_config(config)
    assert isinstance(gan.generator_optimizer, keras.optimizers.Adam)


def test_a_law_of_latents_is_saved(tmp_path):
    from kgan.kinds.prior import Uniform

    build(constructor={"prior": Uniform(3)}).save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").prior.name == "uniform"
