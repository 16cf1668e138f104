"""What all metrics share: exactly so many samples, in compiled steps, over replicas, through saving."""

import re
import zipfile

import keras
import numpy as np
import pytest
from harness import BACKEND, run_python
from keras import ops
from metric_data import GENERATED, REAL, feed

import kgan
from kgan.metrics import (
    L1,
    PSNR,
    SSIM,
    ClassAccuracy,
    ClassDiversity,
    DensityCoverage,
    FrechetDistance,
    InceptionScore,
    KernelDistance,
    ModeCoverage,
    NearestNeighbourTest,
    PixelAgreement,
    PrecisionRecall,
    SampleMetric,
    SlicedWasserstein,
    StackedModes,
    floor,
    frechet_distance,
    precision_recall,
)

BOTH = [
    FrechetDistance(samples=100),
    KernelDistance(samples=100, subset_size=50),
    PrecisionRecall(samples=100),
    DensityCoverage(samples=100),
    SlicedWasserstein(samples=100),
    NearestNeighbourTest(samples=100),
]


def softmax(width=10, shape=(4, 4, 1)):
    layers = [keras.layers.Flatten(), keras.layers.Dense(width, "softmax")]
    return keras.Sequential([keras.Input(shape), *layers], name="softmax")


# One of each class, on 20 images, and what it is fed with beside them.
EVERY = [
    (FrechetDistance, dict(samples=20), None),
    (KernelDistance, dict(samples=20, subset_size=15), None),
    (PrecisionRecall, dict(samples=20, k=2), None),
    (DensityCoverage, dict(samples=20, name="mine"), None),
    (SlicedWasserstein, dict(samples=20), None),
    (NearestNeighbourTest, dict(samples=20), None),
    (InceptionScore, dict(samples=20, splits=20), "classifier"),
    (StackedModes, dict(samples=20), "judge"),
    (ModeCoverage, dict(samples=20, centres=np.eye(2), deviation=0.5), None),
    (ClassAccuracy, dict(samples=20), "classifier"),
    (ClassDiversity, dict(samples=20), None),
    (L1, dict(samples=20), None),
    (PSNR, dict(samples=20), None),
    (SSIM, dict(samples=20), None),
    (PixelAgreement, dict(samples=20, tolerance=0.1), None),
]


def one_of_each(kind, arguments, network):
    """A metric and the two arrays that it is fed with."""
    metric = kind(**arguments, **({} if network is None else {network: softmax()}))
    shape = {ModeCoverage: (2,), StackedModes: (4, 4, 3), ClassDiversity: (16, 16, 1), SSIM: (11, 12, 1)}.get(
        kind, (4, 4, 1)
    )
    first, second = pictures(20, shape), pictures(20, shape, seed=1)
    return metric, np.arange(20) % 2 if "labels" in metric.takes else first, second


def network(width=5, shape=(6, 6, 1), name="mine"):
    return keras.Sequential(
        [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(width)], name=name
    )


def pictures(count, shape=(6, 6, 1), seed=0):
    return np.random.RandomState(seed).uniform(-1, 1, (count, *shape)).astype("float32")


@pytest.mark.parametrize("metric", BOTH, ids=lambda metric: type(metric).__name__)
def test_exactly_the_first_samples_enter_whatever_the_batches(metric):
    results = []
    for count, batch_size in ((100, 100), (100, 7), (117, 13), (300, 300)):
        metric.reset_state()
        results.append(feed(metric, REAL[:count], GENERATED[:count], batch_size))
    for result in results[1:]:
        assert result == pytest.approx(results[0], rel=1e-9)
    metric.reset_state()
    with pytest.raises(
        ValueError, match=r"defined on 100 samples, but 99 real and 99 generated ones came: evaluate on more data"
    ):
        feed(metric, REAL[:99], GENERATED[:99])
    metric.reset_state()


@pytest.mark.parametrize("metric", BOTH, ids=lambda metric: type(metric).__name__)
def test_result_is_floats_under_log_names(metric):
    metric.reset_state()
    result = feed(metric, REAL[:100], GENERATED[:100])
    values = result if isinstance(result, dict) else {metric.name: result}
    assert all(type(value) is float for value in values.values())
    assert all("100" in name and "_test_raw" in name for name in values)
    metric.reset_state()


def test_there_is_one_of_each():
    public = [value for value in vars(kgan.metrics).values() if isinstance(value, type)]
    metrics = {kind for kind in public if issubclass(kind, SampleMetric)} - {SampleMetric}
    assert {kind for kind, _, _ in EVERY} == metrics


@pytest.mark.parametrize("kind, arguments, network", EVERY, ids=[kind.__name__ for kind, _, _ in EVERY])
def test_every_name_in_a_log_has_a_direction(kind, arguments, network):
    metric, first, second = one_of_each(kind, arguments, network)
    result = feed(metric, first, second)
    names = list(result) if isinstance(result, dict) else [metric.name]
    assert list(metric.directions) == names and set(metric.directions.values()) <= {"up", "down"}
    assert getattr(metric, "_direction", None) == metric.directions.get(metric.name)


def test_directions():
    """As the papers say: less distance, more of all else."""
    directions = [one_of_each(*one)[0].directions for one in EVERY]
    down = {name for names in directions for name, direction in names.items() if direction == "down"}
    parts = (
        "fid",
        "kid",
        "sliced",
        "reverse_kl",
        "kl_",
        "class_ms_ssim",
        "accuracy_nearest",
        "real_",
        "generated_",
        "l1_",
    )
    assert all(name.startswith(parts) or name.endswith("_std") for name in down) and len(down) == 12
    assert FrechetDistance()._direction == KernelDistance()._direction == "down"
    assert InceptionScore(softmax())._direction == ClassAccuracy(softmax())._direction == "up"


@pytest.mark.parametrize("kind, arguments, network", EVERY, ids=[kind.__name__ for kind, _, _ in EVERY])
def test_too_few_samples_are_known_before_and_the_advice_takes_them(kind, arguments, network):
    metric, first, second = one_of_each(kind, arguments, network)
    metric.check_count(20)
    with pytest.raises(ValueError, match="is defined on 20 samples, but there are 12 to evaluate on") as before:
        metric.check_count(12)
    with pytest.raises(ValueError, match="is defined on 20 samples, but 12 .* came") as after:
        feed(metric, first[:12], second[:12])
    for raised in (before, after):
        said = re.search(r"or say (\w+)\(\.\.\., (.*)\)\.$", str(raised.value))
        advised = dict(pair.split("=") for pair in said[2].split(", "))
        fewer = kind(**{**metric.arguments(), **{name: int(value) for name, value in advised.items()}})
        assert said[1] == kind.__name__ and fewer.check_count(12) is None
        feed(fewer, first[:12], second[:12])


def test_no_advice_where_no_arguments_would_do():
    cases = ((FrechetDistance(samples=9), 1), (PrecisionRecall(samples=9), 3), (FrechetDistance(samples=9), 0))
    for metric, least in cases:
        with pytest.raises(ValueError, match=f"there are {least} to evaluate on: evaluate on more data.$"):
            metric.check_count(least)
    for kind in (FrechetDistance, NearestNeighbourTest, ClassDiversity):
        with pytest.raises(ValueError, match=f"{kind.__name__} needs at least 2 samples, not 1"):
            kind(samples=1)
    with pytest.raises(ValueError, match="5 samples are too few for 10 splits: lower `splits`"):
        InceptionScore(softmax(), samples=5)


def test_names_are_the_protocol():
    mine = network()
    assert FrechetDistance(mine).name == "fid10k_test_mine"
    assert FrechetDistance(samples=2500, split="train").name == "fid2500_train_raw"
    assert KernelDistance(mine).name == "kid100x1000_test_mine"
    assert PrecisionRecall(mine, samples=50_000).name == "precision_recall3_50k_test_mine"
    assert DensityCoverage(mine).name == "density_coverage5_10k_test_mine"
    assert InceptionScore(mine).name == "is10k_splits10_mine"
    assert StackedModes(mine).name == "stacked_26k_mine"
    assert ModeCoverage([[0.0]], 1).name == "coverage_2500"
    assert ClassDiversity().name == "class_ms_ssim1000" and ClassAccuracy(mine).name == "class_accuracy10k_mine"
    assert FrechetDistance(name="fid").name == "fid"
    assert [kind().name for kind in (L1, PSNR, SSIM)] == ["l1_10k", "psnr10k", "ssim10k"]
    assert PixelAgreement(samples=7).name == "pixel_agreement7"
    assert PixelAgreement(0.1).name == "pixel_agreement0.1_10k"


def test_a_network_looks_in_inference_mode():
    mine, real, generated = network(), pictures(40), pictures(40, seed=1)
    metric = FrechetDistance(mine, samples=40)
    features = [ops.convert_to_numpy(mine(images, training=False)) for images in (real, generated)]
    assert feed(metric, real, generated, 9) == pytest.approx(frechet_distance(*features), rel=1e-5)


@pytest.mark.parametrize("tensors", [False, True])
@pytest.mark.parametrize(
    "bad",
    [
        pictures(8) * 127.5 + 127.5,
        np.where(pictures(8) > 0.9, np.nan, pictures(8)),
        (127 * pictures(8)).astype("uint8"),
    ],
)
def test_images_out_of_range_are_refused(bad, tensors):
    metric = FrechetDistance(network(), samples=8)
    with pytest.raises(ValueError, match=r"\[-1, 1\]"):
        metric.update_state(
            *([ops.convert_to_tensor(pictures(8)), ops.convert_to_tensor(bad)] if tensors else [pictures(8), bad])
        )
        metric.result()


def test_bad_input():
    with pytest.raises(ValueError, match="must be alike"):
        FrechetDistance().update_state(pictures(4), pictures(4, (6, 5, 1)))
    with pytest.raises(ValueError, match="keras.Model or keras.Layer"):
        FrechetDistance("inception")
    for samples in (0, 2.5, "10k"):
        with pytest.raises(ValueError, match="`samples`"):
            FrechetDistance(samples=samples)
    with pytest.raises(ValueError, match="one row a sample"):
        FrechetDistance(keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Conv2D(2, 3)])).update_state(
            pictures(4), pictures(4)
        )
    metric = PrecisionRecall(samples=8)
    metric.update_state(REAL[:8], GENERATED[:8] * np.nan)
    with pytest.raises(ValueError, match="non-finite"):
        metric.result()


# ---- in a compiled step ----------------------------------------------------------------------------------------------


@pytest.mark.skipif(BACKEND == "torch", reason="PyTorch runs a step line by line")
def test_a_step_compiled_by_hand_needs_build():
    metric = FrechetDistance(samples=4)
    if BACKEND == "jax":
        compiled = lambda real, generated: metric.stateless_update_state(metric.variables, real, generated)  # noqa: E731
    else:
        import tensorflow as tf

        compiled = tf.function(metric.update_state)
    with pytest.raises(ValueError, match=r"call its `build\(sample_shape\)`"):
        compiled(REAL[:4], GENERATED[:4])


@pytest.mark.skipif(BACKEND != "tensorflow", reason="JAX always compiles; on PyTorch it is torch.compile")
def test_xla_keeps_the_accuracy():
    import tensorflow as tf

    real, generated = (REAL + 100).astype("float32"), (GENERATED + 100).astype("float32")
    metrics = [FrechetDistance(samples=128), PrecisionRecall(samples=128)]
    for metric in metrics:
        metric.build((8,))
        step = tf.function(metric.update_state, jit_compile=True)
        for start in range(0, 192, 64):
            step(real[start : start + 64], generated[start : start + 64])
    assert metrics[0].result() == pytest.approx(frechet_distance(real[:128], generated[:128]), rel=1e-6)
    assert list(metrics[1].result().values()) == pytest.approx(
        list(precision_recall(real[:128], generated[:128]).values())
    )


def game(metrics, shape=(8, 8, 1), **options):
    generator = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(int(np.prod(shape)), "tanh"), keras.layers.Reshape(shape)]
    )
    discriminator = keras.Sequential([keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(1)])
    gan = kgan.GAN(generator, discriminator, seed=0)
    gan.compile(metrics=metrics, **options)
    return gan


@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}])
def test_evaluate_and_fit(options):
    mine, real = network(shape=(8, 8, 1)), pictures(50, (8, 8, 1))
    gan = game([FrechetDistance(mine, samples=50), PrecisionRecall(samples=50)], **options)
    logs = gan.evaluate(real, batch_size=16, return_dict=True, verbose=0)
    assert list(logs)[-3:] == ["fid50_test_mine", "precision3_50_test_raw", "recall3_50_test_raw"]
    kept = [
        gan.evaluation_metrics[1].read(gan.evaluation_metrics[1].kept[stream])[:50].reshape(-1, 8, 8, 1)
        for stream in ("real", "generated")
    ]
    assert np.array_equal(kept[0], real)
    features = [ops.convert_to_numpy(mine(images, training=False)) for images in kept]
    assert logs["fid50_test_mine"] == pytest.approx(frechet_distance(*features), rel=1e-4)
    assert logs == gan.evaluate(real, batch_size=16, return_dict=True, verbose=0)
    history = gan.fit(real, validation_data=real, epochs=2, batch_size=25, verbose=0).history
    assert len(history["val_fid50_test_mine"]) == len(history["val_recall3_50_test_raw"]) == 2
    with pytest.raises(ValueError, match="50 samples, but there are 20"):
        gan.evaluate(real[:20], verbose=0)


def test_a_metric_trains_nothing_and_is_no_part_of_a_model():
    mine = network(shape=(8, 8, 1))
    gan = game([FrechetDistance(mine, samples=16)])
    before = mine.get_weights()
    gan.fit(pictures(16, (8, 8, 1)), validation_data=pictures(16, (8, 8, 1)), verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(before, mine.get_weights()))
    assert not {id(variable) for variable in mine.variables} & {id(variable) for variable in gan.variables}


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.distribute")
def test_replicas_measure_what_one_device_does():
    output = run_python(
        """
import contextlib, numpy as np, tensorflow as tf, keras, kgan
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
points = np.random.RandomState(0).randn(100, 2).astype("float32") + 20

def measure(scope, batch_size):
    with scope:
        keras.utils.set_random_seed(0)
        gan = kgan.GAN(kgan.networks.mlp(3, 2, units=(8,)), kgan.networks.mlp(2, 1, units=(8,)), seed=0)
        network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(6, "tanh", name="six")], name="six")
        distances = [kgan.metrics.FrechetDistance(samples=90), kgan.metrics.FrechetDistance(network, samples=100)]
        others = [kgan.metrics.PrecisionRecall(samples=90), kgan.metrics.ModeCoverage([[0.0, 0.0]], 1, samples=95)]
        gan.compile(metrics=[*distances, *others])
    logs = gan.evaluate(points, batch_size=batch_size, return_dict=True, verbose=0)
    metric = gan.evaluation_metrics[2]
    return list(logs.values())[2:], [metric.read(metric.kept[stream])[:90] for stream in ("real", "generated")]

one, (real, generated) = measure(contextlib.nullcontext(), 100)
assert np.array_equal(real, points[:90]) and len(np.unique(generated, axis=0)) == 90
for batch_size in (32, 33):  # 33: the replicas' shares differ
    two, (real, again) = measure(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope(), batch_size)
    same, (_, same_generated) = measure(contextlib.nullcontext(), batch_size)
    assert np.array_equal(real, points[:90])
    np.testing.assert_allclose(again, same_generated, atol=1e-6)
    np.testing.assert_allclose(two, same, rtol=1e-6)
print("equal")
"""
    )
    assert output.split()[-1] == "equal"


# ---- saving ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "metric",
    [
        *BOTH,
        KernelDistance(subsets=7, subset_size=20, split="train", seed=3, name="kid"),
        SlicedWasserstein(projections=9, seed=2),
        ModeCoverage(np.eye(3), 0.5),
        ClassDiversity(samples=70),
        PixelAgreement(0.25, samples=9),
        PSNR(samples=9, name="mine"),
    ],
    ids=lambda metric: metric.name,
)
def test_configuration(metric):
    copy = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert type(copy) is type(metric) and copy.name == metric.name and copy.get_config() == metric.get_config()
    copied, own = copy.arguments(), metric.arguments()
    assert copied == own and "name" in own


def test_a_saved_model_brings_its_metrics_back(tmp_path):
    real = pictures(16, (8, 8, 1))
    gan = game([PrecisionRecall(samples=16, k=2), FrechetDistance(keras.layers.Flatten(name="flat"), samples=16)])
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    assert loaded.evaluate(real, return_dict=True, verbose=0) == gan.evaluate(real, return_dict=True, verbose=0)


def test_a_network_of_ones_own_keeps_its_weights(tmp_path):
    mine, real = network(shape=(8, 8, 1)), pictures(16, (8, 8, 1))
    metrics = [FrechetDistance(mine, samples=16), PrecisionRecall(samples=16), FrechetDistance(mine, samples=12)]
    gan = game(metrics, run_eagerly=True)
    gan.save(tmp_path / "gan.keras")
    keras.saving.load_model(tmp_path / "gan.keras").save(tmp_path / "again.keras")
    loaded = keras.saving.load_model(tmp_path / "again.keras")
    expected = gan.evaluate(real, return_dict=True, verbose=0)
    assert loaded.evaluate(real, return_dict=True, verbose=0) == pytest.approx(expected, rel=1e-6)


def test_only_a_model_file_has_the_networks_weights(tmp_path):
    """A judge of kgan's reads its own, and a resumed checkpoint must not bring the network of an earlier script."""
    gan = game([FrechetDistance(network(shape=(8, 8, 1)), samples=16), FrechetDistance(kgan.metrics.Judge("digits"))])
    gan.save(tmp_path / "gan.keras")
    gan.save_weights(tmp_path / "game.weights.h5")
    with zipfile.ZipFile(tmp_path / "gan.keras") as file:
        assert [name.rpartition("/")[2] for name in file.namelist() if name.endswith(".npz")] == ["network.npz"]
    other = network(shape=(8, 8, 1))
    other.set_weights([weight + 1 for weight in other.get_weights()])
    before = other.get_weights()
    game([FrechetDistance(other, samples=16)]).load_weights(tmp_path / "game.weights.h5")
    assert all(np.array_equal(a, b) for a, b in zip(before, other.get_weights()))


def test_a_configuration_alone_has_no_weights_and_says_what_helps():
    gan, mine = game([], run_eagerly=True), network(shape=(8, 8, 1))
    metric = FrechetDistance.from_config(FrechetDistance(mine, samples=16).get_config())
    gan.compile(metrics=[metric], run_eagerly=True)
    with pytest.raises(ValueError, match=r"compile again with metrics=\[FrechetDistance\(features=your_network"):
        gan.evaluate(pictures(16, (8, 8, 1)), verbose=0)
    with pytest.raises(ValueError, match="not its weights"):
        floor(metric, pictures(16, (8, 8, 1)), pictures(16, (8, 8, 1)))
    gan.compile(metrics=[FrechetDistance(features=mine, samples=16)], run_eagerly=True)
    gan.evaluate(pictures(16, (8, 8, 1)), verbose=0)


def test_weights_of_a_model_are_the_same_with_and_without_metrics(tmp_path):
    with_metrics, without = game([FrechetDistance(network(shape=(8, 8, 1)), samples=16)]), game([])
    with_metrics.evaluate(pictures(16, (8, 8, 1)), verbose=0)
    for saved, loaded in ((with_metrics, without), (without, with_metrics)):
        saved.fit(pictures(16, (8, 8, 1)), verbose=0)
        saved.save_weights(tmp_path / "game.weights.h5")
        loaded.load_weights(tmp_path / "game.weights.h5")
        assert np.array_equal(saved.generate(3, seed=0), loaded.generate(3, seed=0))


# ---- floors ----------------------------------------------------------------------------------------------------------


def test_floor_is_the_metric_of_real_against_real_and_touches_nothing():
    mine, real = network(shape=(8, 8, 1)), pictures(80, (8, 8, 1))
    metric = FrechetDistance(mine, samples=40)
    features = [ops.convert_to_numpy(mine(images, training=False)) for images in (real[:40], real[40:])]
    assert floor(metric, real[:40], real[40:], batch_size=16) == pytest.approx(frechet_distance(*features), rel=1e-5)
    assert not metric.built
    digits = kgan.data.digits()
    first, second = kgan.data.Batches(digits.images[:700]), kgan.data.Batches(digits.images[700:1400])
    scaled = digits.images / 127.5 - 1.0
    assert floor(FrechetDistance(samples=700), first, second) == pytest.approx(
        floor(FrechetDistance(samples=700), scaled[:700], scaled[700:1400]), rel=1e-6
    )


def test_floor_refuses():
    with pytest.raises(ValueError, match="equally many"):
        floor(FrechetDistance(samples=10), REAL[:10], REAL[10:30])
    with pytest.raises(ValueError, match="defined on 10,000 samples"):
        floor(FrechetDistance(), REAL[:10], REAL[10:20])
