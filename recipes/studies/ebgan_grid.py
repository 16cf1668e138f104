"""A grid of settings for GAN and for EBGAN: in how many of them each learns, and what an auto-encoder that has met real
images first is worth. Ten minutes on 2 cores; reads MNIST from TFDS.

    python recipes/studies/ebgan_grid.py      # 12 settings, each by either game; then the head start at equal steps

Fully connected players and the learning rate of the paper's grid; what varies is how deep and wide they are. A run is
scored by the MNIST judge: the Inception score of 2,000 samples, between 1 and 10 (9.9 for real ones).
runs/ebgan_grid/scores.png has the histogram of both games.

Zhao, Mathieu, LeCun, Energy-based Generative Adversarial Network, 2017, https://arxiv.org/abs/1609.03126 (section 4.1)
"""

import argparse
import itertools
import json
import math
import os
import time
from pathlib import Path

from kgan.runs import Reported, save_figure, silence

REPORTED = Reported(
    "EBGAN and GAN",
    place=140,
    figures={
        "share_above_": "share of settings above the score",
        "mean_score_": "mean score over settings",
        "head_start_ahead": "moments at which the pretrained start is ahead",
    },
)
GRID = {"generator_layers": (1, 2, 3), "generator_width": (128, 512), "discriminator_layers": (1, 2)}
RATE = 1e-3
EPOCHS, STEPS, BATCH, SAMPLES, LATENT_DIM, CODE_DIM = 3, 900, 64, 2000, 64, 32
DISCRIMINATOR_WIDTH = 512
THRESHOLD = 5.0  # of the score, half of the ten classes
MARGIN = 0.5
# Steps of the auto-encoder alone, steps of the game after which both starts are scored, and how often it is played.
HEAD_START, MOMENTS, GAMES = 300, (100, 300, 600), 3


def game(kind, shape, seed, generator_layers=2, generator_width=512, discriminator_layers=2, head_start=False):
    """A GAN or an EBGAN of multilayer perceptrons, compiled; a head start is an epoch of the auto-encoder alone."""
    import keras

    import kgan

    pixels, units = math.prod(shape), discriminator_layers * (DISCRIMINATOR_WIDTH,)
    flat, image = keras.layers.Flatten(), keras.layers.Reshape(shape)
    hidden = [
        layer
        for _ in range(generator_layers)
        for layer in (
            keras.layers.Dense(generator_width, use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
        )
    ]
    generator = keras.Sequential([keras.Input((LATENT_DIM,)), *hidden, keras.layers.Dense(pixels, "tanh"), image])
    if kind == "gan":
        judge = kgan.networks.mlp(pixels, 1, units, activation="leaky_relu")
        gan = kgan.GAN(generator, keras.Sequential([keras.Input(shape), flat, judge]), seed=seed)
        options = {}
    else:
        images = keras.Input(shape)
        # A decoder of one layer, as in the paper's grid.
        code = kgan.networks.mlp(pixels, CODE_DIM, units, activation="leaky_relu")(flat(images))
        rebuilt = keras.layers.Reshape(shape)(keras.layers.Dense(pixels, "tanh")(code))
        gan = kgan.EBGAN(generator, keras.Model(images, [rebuilt, code]), seed=seed)
        options = {"margin": MARGIN, "pretraining_epochs": int(head_start)}
    adam = (keras.optimizers.Adam(RATE, beta_1=0.5) for _ in range(2))
    gan.compile(*adam, **options, steps_per_execution=1 if keras.config.backend() == "torch" else 50)
    return gan


def learn(gan, images, steps, epochs=1):
    """`steps` batches of the images, `epochs` times."""
    gan.fit(images[: steps * BATCH], batch_size=BATCH, epochs=epochs, verbose=0)


def score(gan, judge):
    """Inception score of samples under the judge; 1 for what is not finite."""
    import numpy as np

    import kgan

    samples = gan.generate(SAMPLES, seed=0)
    return (
        kgan.metrics.inception_score(gan.in_batches(judge, samples), splits=1)["mean"]
        if np.isfinite(samples).all()
        else 1.0
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dataset", default="mnist", choices=("mnist", "fashion_mnist"))
    parser.add_argument("--data-dir", help="where TFDS data lie")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/ebgan_grid"))
    parser.add_argument("--saved-models", help="not used: nothing is worth serving")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with silence():
        import keras
        import numpy as np

        import kgan

    data, began = kgan.data.load(options.dataset, data_dir=options.data_dir), time.perf_counter()
    images = data.scale(np.random.default_rng(options.seed).permutation(data.images)[: STEPS * BATCH])
    judge = kgan.metrics.Judge(options.dataset, output="probabilities")

    reached = {"gan": [], "ebgan": []}
    for setting in itertools.product(*GRID.values()):
        named = dict(zip(GRID, setting))
        for kind, values in reached.items():
            keras.utils.set_random_seed(options.seed)
            gan = game(kind, images.shape[1:], options.seed, **named)
            learn(gan, images, STEPS, EPOCHS)
            values.append(score(gan, judge))
        print(
            ", ".join(f"{name} {value}" for name, value in named.items()),
            *(f"  {kind} {values[-1]:.2f}" for kind, values in reached.items()),
            flush=True,
        )

    ahead = []
    for seed in range(options.seed, options.seed + GAMES):
        starts = {}
        for start in (0, HEAD_START):
            keras.utils.set_random_seed(seed)
            gan, done = game("ebgan", images.shape[1:], seed, head_start=bool(start)), 0
            if start:
                learn(gan, images[-start * BATCH :], start)
            starts[start] = []
            for moment in MOMENTS:
                learn(gan, images[done * BATCH :], moment - done)
                done = moment
                starts[start].append(score(gan, judge))
        ahead += [late > early for early, late in zip(*starts.values())]
        print(
            f"seed {seed}, after {MOMENTS} steps: from scratch {np.round(starts[0], 2)}, after {HEAD_START} steps "
            f"alone {np.round(starts[HEAD_START], 2)}"
        )

    scores = {
        f"share_above_{THRESHOLD:g}_{kind}": float(np.mean(np.array(values) > THRESHOLD))
        for kind, values in reached.items()
    }
    scores |= {f"mean_score_{kind}": float(np.mean(values)) for kind, values in reached.items()} | {
        "head_start_ahead": float(np.mean(ahead))
    }
    record = {
        "recipe": "ebgan_grid",
        "dataset": options.dataset,
        "seed": options.seed,
        "seconds": round(time.perf_counter() - began, 1),
    }
    (options.out / "scores.json").write_text(json.dumps({**record, "scores": scores, "floors": {}}, indent=2) + "\n")
    draw(reached, options.out / "scores.png")
    for name, value in scores.items():
        print(f"  {name:39} {value:.4g}")


def draw(reached, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    axes.hist(
        list(reached.values()), bins=[1 + 0.75 * step for step in range(13)], label=[kind.upper() for kind in reached]
    )
    axes.set(xlabel="Inception score under the judge", ylabel="settings")
    axes.legend()
    save_figure(figure, path)


if __name__ == "__main__":
    main()
