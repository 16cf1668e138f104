"""The film of recipes/studies/divergences.py: a generator turns uniform noise into a normal distribution, and its
discriminator follows D*.

It is figure 1 of the first GAN paper as it happens: data and generator as densities, D beside D* = p/(p + q), and below
them where G sends the noise.

Goodfellow et al., Generative Adversarial Networks, 2014, https://arxiv.org/abs/1406.2661
"""

import io

import keras
import numpy as np
import quadrature as on_grid
from matplotlib.figure import Figure
from PIL import Image

import kgan
from kgan.callbacks.directories import replace
from kgan.callbacks.film import Film

BLUE, RED, GREEN, GREY = "#00607a", "#d1495b", "#3a7d44", "0.85"
MEAN, DEVIATION = 1.0, 0.8
EPOCHS, STEPS, BATCH, CRITIC_STEPS = 60, 60, 500, 5
EDGES = np.linspace(-4, 4, 161)
X = (EDGES[1:] + EDGES[:-1]) / 2


def game(seed):
    """The plain game on noise z ~ U(-1, 1)."""
    judge = kgan.networks.mlp(1, 1, units=(64, 64), activation="tanh", kernel_initializer="glorot_uniform")
    return kgan.GAN(generator=painter(), discriminator=judge, prior="uniform", seed=seed)


def painter():
    """The generator. Its units bend at places spread over the noise: with the usual biases of 0 all would bend at z =
    0.
    """
    spread = {
        "kernel_initializer": keras.initializers.RandomNormal(stddev=1.5),
        "bias_initializer": keras.initializers.RandomUniform(-1.5, 1.5),
    }
    layers = [keras.layers.Dense(64, "silu", **spread), keras.layers.Dense(64, "silu"), keras.layers.Dense(1)]
    return keras.Sequential([keras.Input((1,)), *layers])


class UniformToNormal(Film):
    """A frame an epoch, and in `states` what it shows: epoch, density of G on the bins of `X`, D there, and G at 21
    latents.
    """

    states = ()

    def draw(self, epoch):
        state = epoch, density(self.model), discriminator(self.model), walk(self.model)
        self.states = (*self.states, state)
        figure = Figure(figsize=(6, 5), layout="constrained")
        above, below = figure.subplots(2, gridspec_kw={"height_ratios": (3, 1)}, sharex=True)
        draw_state(above, below, state)
        above.set_ylabel("density; D")
        below.set(xlabel="x", ylabel="z to G(z)")
        figure.legend(*above.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
        memory = io.BytesIO()
        figure.savefig(memory, dpi=100)
        return Image.open(memory).convert("RGB")


def density(gan):
    """q on the bins of `X`, from a sweep over all z; what falls outside is lost."""
    z = np.linspace(-1, 1, 50_001, dtype="float32")[:, None]
    counts, _ = np.histogram(gan.generate(latents=z, batch_size=50_001), EDGES)
    return counts / len(z) / (EDGES[1] - EDGES[0])


def discriminator(gan):
    """D at `X`."""
    logits = keras.ops.convert_to_numpy(gan.discriminator(X.astype("float32")[:, None], training=False))[:, 0]
    return 1 / (1 + np.exp(-logits.astype("float64")))


def walk(gan):
    """z in even steps and where each goes, `(21, 2)`."""
    z = np.linspace(-1, 1, 21, dtype="float32")
    return np.stack([z, gan.generate(latents=z[:, None])[:, 0]], axis=1)


def draw_state(above, below, state):
    epoch, q, judged, steps = state
    p = on_grid.normal(X, MEAN, DEVIATION)
    above.fill_between(X, p, color=GREY, label="data p")
    above.plot(X, q, color=GREEN, label="generator q")
    with np.errstate(invalid="ignore"):
        above.plot(X, p / (p + q), color=RED, label="D* = p/(p + q)")
    above.plot(X, judged, "--", color=BLUE, label="D")
    above.set(ylim=(0, 1.2), xlim=(-3, 4), title=f"epoch {epoch}")
    for z, image in steps:
        below.plot([z, image], [0, 1], color=GREEN, linewidth=0.7)
    below.set(ylim=(0, 1), yticks=[])


def film(out, seed):
    """Train, make `film/film.gif` and the still `film.png`, and print how it began and ended."""
    keras.utils.set_random_seed(seed)
    samples = np.random.default_rng(seed).normal(MEAN, DEVIATION, (STEPS * BATCH, 1))
    gan = game(seed)
    decay = keras.optimizers.schedules.CosineDecay
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(decay(5e-4, EPOCHS * STEPS), beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(decay(5e-3, CRITIC_STEPS * EPOCHS * STEPS), beta_1=0.5),
        critic_steps=CRITIC_STEPS,
        steps_per_execution=1 if keras.config.backend() == "torch" else STEPS,
    )
    drawn = UniformToNormal(out / "film")
    gan.fit(kgan.data.Batches(samples, batch_size=BATCH, seed=seed), epochs=EPOCHS, verbose=0, callbacks=[drawn])
    stills(drawn.states, out / "film.png")
    p = on_grid.normal(X, MEAN, DEVIATION)
    for when, (_, q, judged, _) in (("before", drawn.states[0]), ("after ", drawn.states[-1])):
        mean, seen = on_grid.expectation(X, q, X), (p + q) / 2
        deviation = np.sqrt(on_grid.expectation(X, q, (X - mean) ** 2))
        with np.errstate(invalid="ignore"):
            off = on_grid.expectation(X, seen, np.abs(judged - p / (p + q)))
        half = on_grid.expectation(X, seen, np.abs(judged - 0.5))
        divergence = on_grid.jensen_shannon(X, p, q)
        print(
            f"  {when} training: G(z) has mean {mean:.3f} (data {MEAN:.3f}), deviation {deviation:.3f} (data "
            f"{DEVIATION:.3f}); JSD {divergence:.4f}"
        )
        print(f"                   mean |D - D*| under (p + q)/2: {off:.3f}; mean |D - 1/2|: {half:.3f}")
    print(f"  {out / 'film' / 'film.gif'}")


def stills(states, path):
    """Four of the states beside each other."""
    figure = Figure(figsize=(13, 4.2), layout="constrained")
    panels = figure.subplots(2, 4, gridspec_kw={"height_ratios": (3, 1)}, sharex=True, sharey="row")
    for column, index in enumerate((0, 1, 3, EPOCHS)):
        draw_state(*panels[:, column], states[index])
        panels[1, column].set_xlabel("x")
    panels[0, 0].set_ylabel("density; D")
    panels[1, 0].set_ylabel("z to G(z)")
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    figure.suptitle("Uniform noise becomes a normal distribution")
    replace(path, lambda file: figure.savefig(file, format="png", dpi=100))
