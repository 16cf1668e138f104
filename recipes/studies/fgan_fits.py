"""The experiment of f-GAN's paper, section 2.4: five divergences fit one Gaussian to a mixture of two, each to its own
optimum. `python recipes/fgan.py` runs it.

The generator is a line, mu + sigma z, so that the best Gaussian for each divergence can be computed and the fit be
compared with it.

Nowozin, Cseke, Tomioka, f-GAN: Training Generative Neural Samplers using Variational Divergence Minimization, 2016,
https://arxiv.org/abs/1606.00709
"""

import csv
import json
import time

from kgan.runs import save_figure

MIXTURE = ((0.33, -1.0, 0.065), (0.67, 2.0, 2.0))  # weight, mean, variance
OPTIMA = {  # the paper's mu* and sigma*
    "kl": (1.0100, 1.8308),
    "reverse_kl": (1.5782, 1.6319),
    "jensen_shannon": (1.3070, 1.7542),
    "jeffrey": (1.3218, 1.7034),
    "pearson": (0.5737, 1.9274),
}
CRITIC_STEPS = 2
ROW = "{:16}" + "{:>10}" * 6


def two_gaussians(task):
    """Fit a Gaussian by each divergence, print the fits beside the optima and each fit under every divergence, draw the
    densities.
    """
    chosen = [task.options.divergence] if task.options.divergence else list(OPTIMA)
    began = time.perf_counter()
    print(ROW.format("divergence", "D_f(P||Q)", "mu", "optimum", "sigma", "optimum", "seconds"))
    fits, matrix = {}, {}
    for divergence in chosen:
        mu, sigma, seconds = fit_gaussian(divergence, task.options)
        fits[divergence] = mu, sigma
        matrix[divergence] = {other: true_divergence(other, mu, sigma) for other in chosen}
        optimum = [f"{value:.4f}" for value in OPTIMA[divergence]] if divergence in OPTIMA else ["-", "-"]
        value = true_divergence(divergence, mu, sigma)
        cells = f"{value:.4f}", f"{mu:.4f}", optimum[0], f"{sigma:.4f}", optimum[1], f"{seconds:.1f}"
        print(ROW.format(divergence, *cells), flush=True)
    keep(task, chosen, fits, matrix, time.perf_counter() - began)
    draw_densities(fits, task.out / "densities.png")
    print(f"\n  densities     {task.out / 'densities.png'}\n  fits          {task.out / 'fits.csv'}")


def keep(task, chosen, fits, matrix, seconds):
    """Print each fit under every divergence, and write `fits.csv` and `scores.json`."""
    print(
        "\nEach fit (row) under every divergence (column): a column is least where it was the one that the fit "
        "minimised."
    )
    for name, values in {"": {other: other for other in chosen}, **matrix}.items():
        cells = (f"{value:>16}" if isinstance(value, str) else f"{value:16.4f}" for value in values.values())
        print(f"{name:16}" + "".join(cells))
    with open(task.out / "fits.csv", "w", newline="") as file:
        csv.writer(file).writerows(
            [("divergence", "mu", "sigma", *chosen), *((name, *fits[name], *matrix[name].values()) for name in chosen)]
        )
    scores = {
        "largest_mu_error": max(abs(fits[name][0] - OPTIMA[name][0]) for name in chosen),
        "largest_sigma_error": max(abs(fits[name][1] - OPTIMA[name][1]) for name in chosen),
        "diagonal_minima": sum(min(matrix, key=lambda fit: matrix[fit][name]) == name for name in chosen),
    }
    record = {"recipe": "fgan", "dataset": "two_gaussians", "seed": task.options.seed, "seconds": round(seconds, 1)}
    (task.out / "scores.json").write_text(json.dumps({**record, "scores": scores, "floors": {}}, indent=2) + "\n")


def sentences(lines):
    """What tables say of the fits: `lines` are those of results."""
    fits = [line["scores"] for line in lines if line["dataset"] == "two_gaussians"]
    if not fits:
        return []
    mu, sigma = (max(score[f"largest_{name}_error"] for score in fits) for name in ("mu", "sigma"))
    minima = min(score["diagonal_minima"] for score in fits)
    return [
        f"- f-GAN, the paper's mixture, five divergences, runs: {len(fits)}; mu within {mu:.3f} and sigma within "
        f"{sigma:.3f} of the optimum; {minima} of 5 columns of the matrix of fits and divergences have their "
        f"minimum on the diagonal."
    ]


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
    from studies.quadrature import f_divergence

    import kgan

    x, p, q = densities(mu, sigma)
    return float(f_divergence(x, p, q, kgan.losses.get_divergence(divergence)))


def draw_densities(fits, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    x, mixture, _ = densities(0.0, 1.0)
    axes.fill_between(x, mixture, color="0.85", label="data")
    for name, (mu, sigma) in fits.items():
        axes.plot(x, densities(mu, sigma)[2], label=f"{name.replace('_', ' ')}: mu {mu:.3f}, sigma {sigma:.3f}")
    axes.set(xlim=(-4, 7), xlabel="x", ylabel="density", title="One Gaussian, fitted to two by each divergence")
    axes.legend()
    save_figure(figure, path)
