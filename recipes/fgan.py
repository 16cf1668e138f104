"""f-GAN: five f-divergences fit one Gaussian to a mixture of two, each to its own optimum, in half a minute on 2 cores.

    python recipes/fgan.py                                                # the paper's experiment
    python recipes/fgan.py --divergence kl                                # one divergence of it
    python recipes/fgan.py --dataset ring_by_each                         # which divergence finds how many of 8 peaks?
    python recipes/fgan.py --dataset digits                               # images: scikit-learn's digits at 16x16
    python recipes/fgan.py --dataset mnist --divergence jeffrey           # any TFDS image data set, or a folder

The generator is a line, mu + sigma z, so that the best Gaussian for each divergence can be computed and the fit be
compared with it: mu within 0.05, sigma within 0.06. runs/fgan/densities.png draws the fits: KL covers both modes, its
reverse picks the heavier one.

`ring_by_each` and `grid_by_each` train the same players on peaks by every divergence in turn and print how many peaks
each finds, beside the share of samples that lie on one. It is a race of training as much as of divergences, in which a
divergence may lose that exact minimisation would favour: that is the experiment above.

Nowozin, Cseke, Tomioka, f-GAN: Training Generative Neural Samplers using Variational Divergence Minimization, 2016,
https://arxiv.org/abs/1606.00709
"""

import math
import time

from runner import run

SETTINGS = {
    "two_gaussians": {"epochs": 20, "batch_size": 1024},
    "ring_by_each": {"epochs": 15, "batch_size": 256},
    "grid_by_each": {"epochs": 15, "batch_size": 256},
    "ring": {"epochs": 40, "batch_size": 256},
    "points": {"epochs": 80, "batch_size": 256},
    "digits": {"size": 16, "epochs": 80, "batch_size": 50},
    "images": {"epochs": 8, "batch_size": 64},
}
MIXTURE = ((0.33, -1.0, 0.065), (0.67, 2.0, 2.0))  # weight, mean, variance
OPTIMA = {  # the paper's mu* and sigma*
    "kl": (1.0100, 1.8308),
    "reverse_kl": (1.5782, 1.6319),
    "jensen_shannon": (1.3070, 1.7542),
    "jeffrey": (1.3218, 1.7034),
    "pearson": (0.5737, 1.9274),
}
DIVERGENCES = (*OPTIMA, "neyman", "squared_hellinger", "gan", "total_variation", "alpha")
CRITIC_STEPS = 2
BY_EACH = {"ring_by_each": "ring", "grid_by_each": "grid"}


def arguments(parser):
    optima = f"two_gaussians: one of {', '.join(OPTIMA)}, all five by default"
    others = f"{', '.join(BY_EACH)}: all by default; points: default gan; images: default reverse_kl"
    parser.add_argument("--divergence", choices=DIVERGENCES, help=f"{optima}; {others}")


def fgan(task):
    import keras

    import kgan

    if task.points:
        units = (128,) * (2 if task.options.dataset in BY_EACH else 3)
        generator, discriminator = kgan.networks.mlp(2, 2, units=units), kgan.networks.mlp(2, 1, units=units)
    else:
        generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32)
        discriminator = kgan.networks.dcgan_discriminator(task.shape, filters=32)

    # For images the players, rates and average of recipes/dcgan.py, so that the two differ in the game alone.
    rate = 1e-4 if task.points else keras.optimizers.schedules.CosineDecay(4e-4, task.steps)
    if task.options.dataset in BY_EACH:
        rate = keras.optimizers.schedules.CosineDecay(1e-3, task.steps)
    # Under the reverse KL the generator's gradient does not vanish where the discriminator is sure, as it soon is of
    # images.
    gan = kgan.FGAN(
        generator, discriminator, divergence=task.options.divergence or ("gan" if task.points else "reverse_kl")
    )
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        steps_per_execution=task.steps_per_execution,
    )
    gan.keep_average(0.998 if task.points else 0.999)
    return gan


def two_gaussians(task):
    """The paper's section 2.4: fit a Gaussian by each divergence, print the fits beside the optima and each fit under
    every divergence, draw the densities.
    """
    import csv
    import json

    chosen = [task.options.divergence] if task.options.divergence else list(OPTIMA)
    row, began = "{:16}" + "{:>10}" * 6, time.perf_counter()
    print(row.format("divergence", "D_f(P||Q)", "mu", "optimum", "sigma", "optimum", "seconds"))
    fits, matrix = {}, {}
    for divergence in chosen:
        mu, sigma, seconds = fit_gaussian(divergence, task.options)
        fits[divergence], matrix[divergence] = (
            (mu, sigma),
            {other: true_divergence(other, mu, sigma) for other in chosen},
        )
        optimum = [f"{value:.4f}" for value in OPTIMA[divergence]] if divergence in OPTIMA else ["-", "-"]
        value = true_divergence(divergence, mu, sigma)
        print(
            row.format(
                divergence, f"{value:.4f}", f"{mu:.4f}", optimum[0], f"{sigma:.4f}", optimum[1], f"{seconds:.1f}"
            ),
            flush=True,
        )
    print(
        "\nEach fit (row) under every divergence (column): a column is least where it was the one that the fit "
        "minimised."
    )
    for name, values in {"": {other: other for other in chosen}, **matrix}.items():
        print(
            f"{name:16}"
            + "".join(f"{value:>16}" if isinstance(value, str) else f"{value:16.4f}" for value in values.values())
        )
    with open(task.out / "fits.csv", "w", newline="") as file:
        csv.writer(file).writerows(
            [("divergence", "mu", "sigma", *chosen), *((name, *fits[name], *matrix[name].values()) for name in chosen)]
        )
    scores = {
        "largest_mu_error": max(abs(fits[name][0] - OPTIMA[name][0]) for name in chosen),
        "largest_sigma_error": max(abs(fits[name][1] - OPTIMA[name][1]) for name in chosen),
        "diagonal_minima": sum(min(matrix, key=lambda fit: matrix[fit][name]) == name for name in chosen),
    }
    record = {
        "recipe": "fgan",
        "dataset": "two_gaussians",
        "seed": task.options.seed,
        "seconds": round(time.perf_counter() - began, 1),
    }
    (task.out / "scores.json").write_text(json.dumps({**record, "scores": scores, "floors": {}}, indent=2) + "\n")
    draw_densities(fits, task.out / "densities.png")
    print(f"\n  densities     {task.out / 'densities.png'}\n  fits          {task.out / 'fits.csv'}")


def by_each(task):
    """The same players on peaks by every divergence in turn: print the modes that each finds, draw its samples."""
    import csv
    import json

    import keras
    from scores import SAMPLES, mixture_scores

    import kgan

    name, options, began = BY_EACH[task.options.dataset], task.options, time.perf_counter()
    task.data = kgan.data.mixture(name, batch_size=options.batch_size, seed=options.seed)
    row, rows, clouds, measured = "{:18}{:>8}{:>14}{:>13}{:>10}", [], {}, {}
    print(row.format("divergence", "modes", "high quality", "reverse KL", "seconds"))
    for divergence in [options.divergence] if options.divergence else DIVERGENCES:
        started, options.divergence = time.perf_counter(), divergence
        keras.utils.set_random_seed(options.seed)
        gan = fgan(task)
        gan.fit(task.data, epochs=options.epochs, verbose=0)
        measured = mixture_scores(gan.generate, task.data, name)
        rows.append((divergence, *measured["scores"].values()))
        clouds[divergence] = gan.generate(SAMPLES, seed=0)
        values, seconds = [f"{value:.4g}" for value in measured["scores"].values()], time.perf_counter() - started
        print(row.format(divergence, *values, f"{seconds:.1f}"), flush=True)
    floors = measured["floors"]
    print(row.format("(true samples)", *(f"{value:.4g}" for value in floors.values()), ""))
    with open(task.out / "modes.csv", "w", newline="") as file:
        csv.writer(file).writerows([("divergence", *floors), *rows])
    # JSON has no infinity, which the reverse KL is where no sample hits a peak.
    finite = [(name, [value if math.isfinite(value) else None for value in values]) for name, *values in rows]
    scores = {f"{key}_{name}": value for name, values in finite for key, value in zip(floors, values)}
    seconds = round(time.perf_counter() - began, 1)
    record = {"recipe": "fgan", "dataset": options.dataset, "seed": options.seed, "seconds": seconds}
    (task.out / "scores.json").write_text(json.dumps({**record, "scores": scores, "floors": floors}, indent=2) + "\n")
    draw_clouds(clouds, task.data, task.out / "modes.png")
    print(f"\n  samples       {task.out / 'modes.png'}\n  scores        {task.out / 'modes.csv'}")


def draw_clouds(clouds, data, path):
    """The samples of each divergence beside each other, over crosses at the peaks."""
    import numpy as np
    from matplotlib.figure import Figure

    from kgan.callbacks.directories import replace

    columns, reach = min(5, len(clouds)), 1.3 * np.abs(data.centres).max()
    figure = Figure(figsize=(2.6 * columns, 2.8 * -(-len(clouds) // columns)), layout="constrained")
    panels = figure.subplots(-(-len(clouds) // columns), columns, squeeze=False)
    for (name, points), axes in zip(clouds.items(), panels.flat):
        axes.plot(*data.centres.T, "+", color="0.6", markersize=10)
        axes.scatter(*points.T, s=2, alpha=0.4, color="#00607a", linewidths=0)
        axes.set(title=name.replace("_", " "), xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
        axes.set_axis_off()
    replace(path, lambda file: figure.savefig(file, format="png", dpi=100))


def fit_gaussian(divergence, options):
    """Mean and deviation of the Gaussian that an f-GAN of a linear generator finds, and the seconds that took."""
    import keras
    import numpy as np

    import kgan

    began = time.perf_counter()
    keras.utils.set_random_seed(options.seed)
    random = np.random.default_rng(options.seed)
    chosen = random.choice(2, size=100 * options.batch_size, p=[weight for weight, _, _ in MIXTURE])
    _, means, variances = np.array(MIXTURE).T
    samples = random.normal(means[chosen], np.sqrt(variances[chosen])).astype("float32")[:, None]
    data = kgan.data.Batches(samples, batch_size=options.batch_size, seed=options.seed)

    line = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")])  # mu + sigma z
    variational = kgan.networks.mlp(1, 1, units=(64, 64), activation="tanh", kernel_initializer="glorot_uniform")
    gan = kgan.FGAN(line, variational, divergence=divergence)
    decay, steps = keras.optimizers.schedules.CosineDecay, options.epochs * len(data)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(decay(5e-3, steps), beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(decay(5e-3, CRITIC_STEPS * steps), beta_1=0.5),
        critic_steps=CRITIC_STEPS,
        steps_per_execution=1 if keras.config.backend() == "torch" else 100,
    )
    gan.keep_average(0.99)
    gan.fit(data, epochs=options.epochs, verbose=0)
    slope, intercept = (float(weight.squeeze()) for weight in gan.averages["generator"].get_weights())
    return intercept, abs(slope), time.perf_counter() - began


def densities(mu, sigma):
    """A grid of points, and the densities there of the mixture and of a Gaussian."""
    import numpy as np

    def normal(x, mean, variance):
        return np.exp(-((x - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)

    x = np.linspace(-7, 11, 20_001)
    return x, sum(weight * normal(x, mean, variance) for weight, mean, variance in MIXTURE), normal(x, mu, sigma**2)


def true_divergence(divergence, mu, sigma):
    """D_f(P || Q) = integral of q f(p / q) by quadrature, in place of the bound that the discriminator reports."""
    from quadrature import f_divergence

    import kgan

    x, p, q = densities(mu, sigma)
    return float(f_divergence(x, p, q, kgan.losses.get_divergence(divergence)))


def draw_densities(fits, path):
    from matplotlib.figure import Figure

    from kgan.callbacks.directories import replace

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    x, mixture, _ = densities(0.0, 1.0)
    axes.fill_between(x, mixture, color="0.85", label="data")
    for name, (mu, sigma) in fits.items():
        axes.plot(x, densities(mu, sigma)[2], label=f"{name.replace('_', ' ')}: mu {mu:.3f}, sigma {sigma:.3f}")
    axes.set(xlim=(-4, 7), xlabel="x", ylabel="density", title="One Gaussian, fitted to two by each divergence")
    axes.legend()
    replace(path, lambda file: figure.savefig(file, format="png", dpi=100))


if __name__ == "__main__":
    run(fgan, __doc__, SETTINGS, arguments, own={"two_gaussians": two_gaussians, **dict.fromkeys(BY_EACH, by_each)})
