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
each finds, beside the share of samples that lie on one.

Nowozin, Cseke, Tomioka, f-GAN: Training Generative Neural Samplers using Variational Divergence Minimization, 2016,
https://arxiv.org/abs/1606.00709
"""

from studies.fgan_fits import OPTIMA, sentences, two_gaussians

from kgan.runs import Reported, run

REPORTED = Reported("FGAN", place=30, sentences=sentences)
SETTINGS = {
    "two_gaussians": {"epochs": 20, "batch_size": 1024},
    "ring_by_each": {"epochs": 15, "batch_size": 256},
    "grid_by_each": {"epochs": 15, "batch_size": 256},
    "ring": {"epochs": 40, "batch_size": 256},
    "points": {"epochs": 80, "batch_size": 256},
    "digits": {"size": 16, "epochs": 80, "batch_size": 50},
    "images": {"epochs": 8, "batch_size": 64},
}
DIVERGENCES = (*OPTIMA, "neyman", "squared_hellinger", "gan", "total_variation", "alpha")
BY_EACH = ("ring_by_each", "grid_by_each")


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


def by_each(task):
    from studies import fgan_peaks

    fgan_peaks.by_each(task, fgan, DIVERGENCES)


if __name__ == "__main__":
    run(fgan, __doc__, SETTINGS, arguments, own={"two_gaussians": two_gaussians, **dict.fromkeys(BY_EACH, by_each)})
