"""MGAN: four generators share the 25 modes of a grid out among themselves, in minutes on 2 cores.

    python recipes/mgan.py                        # 25 Gaussians
    python recipes/mgan.py --dataset ring         # 8 Gaussians on a circle
    python recipes/mgan.py --diversity 0          # the plain ensemble, whose generators differ by chance alone
    python recipes/mgan.py --single               # one generator, in the same game and of the same size

runs/mgan/generators.png colours each sample by its generator. Printed and kept on the card: the modes that all cover
together, and how many modes hold nine tenths of a generator's samples, on average.

Hoang et al., MGAN: Training Generative Adversarial Nets with Multiple Generators, 2018,
https://openreview.net/forum?id=rkmu5b0a-
"""

from kgan.runs import Reported, run, save_figure

REPORTED = Reported(
    "MGAN, 4 generators",
    place=150,
    variations={
        "mgan_plain": ("MGAN, 4 generators, diversity 0", "--diversity", "0"),
        "mgan_single": ("one generator of MGAN's", "--single"),
    },
    figures={"modes_of_a_generator": "modes that hold 90 % of a generator's samples"},
    less=("modes_of_a_generator",),
)
SETTINGS = {
    "grid": {"epochs": 37, "batch_size": 256},
    "points": {"epochs": 37, "batch_size": 256},
}
GENERATORS = 4


def arguments(parser):
    parser.add_argument(
        "--diversity",
        type=float,
        default=0.125,
        help="weight of the generators' being told apart (default the paper's 0.125)",
    )
    parser.add_argument("--single", action="store_true", help="one generator")


def mgan(task):
    import keras

    import kgan

    mlp = kgan.networks.mlp
    leaky = {"activation": "leaky_relu"}
    trunk, body = mlp(128, 2, units=6 * (128,), **leaky), mlp(2, 128, units=2 * (128,), **leaky)
    if task.options.single:
        generator = keras.Sequential(
            [keras.Input((2,)), mlp(2, 128, units=(128,), **leaky), keras.layers.LeakyReLU(), trunk]
        )
        gan = kgan.GAN(
            generator, keras.Sequential([keras.Input((2,)), body, keras.layers.LeakyReLU(0.2), keras.layers.Dense(1)])
        )
        options = {}
    else:
        stems = [
            keras.Sequential([keras.Input((2,)), mlp(2, 128, units=(128,), **leaky), keras.layers.LeakyReLU()])
            for _ in range(GENERATORS)
        ]
        gan = kgan.MGAN(kgan.networks.ensemble(stems, trunk), kgan.networks.heads(body, (1, GENERATORS)), GENERATORS)
        options = {"diversity_weight": task.options.diversity}
    rate = keras.optimizers.schedules.CosineDecay(1e-3, task.steps)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.0, beta_2=0.99),
        **options,
        steps_per_execution=task.steps_per_execution,
    )
    gan.keep_average(0.999)
    return gan


def measure(task, gan):
    """How many modes a generator has for itself, and a picture of who makes what."""
    import numpy as np

    if task.options.single:
        return {"scores": {}, "floors": {}}
    points = [gan.generate(2500, generator=index, seed=0) for index in range(GENERATORS)]
    draw(points, task.data.centres, task.out / "generators.png")
    homes = []
    for made in points:
        nearest = np.linalg.norm(made[:, None] - task.data.centres, axis=-1).argmin(-1)
        shares = np.sort(np.bincount(nearest, minlength=len(task.data.centres)))[::-1].cumsum() / len(made)
        homes.append(int(np.searchsorted(shares, 0.9)) + 1)
    return {"scores": {"modes_of_a_generator": float(np.mean(homes))}, "floors": {}}


def draw(points, centres, path):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 5.4), layout="constrained")
    axes = figure.subplots()
    for index, made in enumerate(points):
        axes.plot(*made[:600].T, ".", markersize=2, label=str(index))
    axes.plot(*centres.T, "k+", markersize=5)
    axes.set_aspect("equal")
    figure.legend(title="generator", loc="outside lower center", ncols=4, markerscale=5, frameon=False)
    save_figure(figure, path)


if __name__ == "__main__":
    run(mgan, __doc__, SETTINGS, arguments, measure=measure)
