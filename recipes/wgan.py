"""WGAN: the 8 modes of a ring under a critic with clipped weights, in half a minute on 2 cores.

    python recipes/wgan.py                        # 8 Gaussians on a circle
    python recipes/wgan.py --dataset digits       # images: scikit-learn's digits at 16x16
    python recipes/wgan.py --dataset mnist        # any TFDS image data set, or a folder of images

`-discriminator_loss` in runs/wgan/history.csv estimates the earth mover's distance up to scale: it falls as the samples
get better. Beside it stands the sliced Wasserstein distance of held-out points, and the correlation of the two is
printed.

Arjovsky, Chintala, Bottou, Wasserstein GAN, 2017, https://arxiv.org/abs/1701.07875
"""

from kgan.runs import Reported, run, spread


def sentences(lines):
    """What tables say of the critic: `lines` are those of results."""
    found = {}
    for line in lines:
        if "critic_correlation" in line["scores"]:
            found.setdefault(line["dataset"], []).append(line["scores"]["critic_correlation"])
    return [
        f"- WGAN on the {dataset}: the critic's estimate and the sliced Wasserstein distance correlate by "
        f"{spread(values, '.2f')} over a run."
        for dataset, values in found.items()
    ]


REPORTED = Reported(
    "WGAN", place=40, published_fid={"mnist": "6.7 ± 0.4", "fashion_mnist": "21.5 ± 1.6"}, sentences=sentences
)
SETTINGS = {
    "ring": {"epochs": 20, "batch_size": 256},
    "points": {"epochs": 20, "batch_size": 256},
    "digits": {"size": 16, "epochs": 100, "batch_size": 50},
    "images": {"epochs": 4, "batch_size": 64},
}


def wgan(task):
    import keras

    import kgan

    if task.points:
        generator = kgan.networks.mlp(2, 2, units=(128, 128, 128))
        critic = kgan.networks.mlp(2, 1, units=(128, 128, 128))
        learning_rate, clip = 5e-4, 0.1  # weights of 0.01 flatten a critic without convolutions
    else:
        generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32)
        # No normalisation: a kernel before one may be scaled at will, and clipping it would bound nothing.
        critic = kgan.networks.dcgan_discriminator(task.shape, filters=32, normalization=None)
        learning_rate, clip = 1e-3, 0.01

    critic_steps = 5

    def rmsprop(moves):
        # The paper's rate is constant; MNIST's images gained from one that falls to 0.
        return keras.optimizers.RMSprop(
            learning_rate if task.points else keras.optimizers.schedules.CosineDecay(learning_rate, moves * task.steps)
        )

    gan = kgan.WGAN(generator, critic)
    gan.compile(
        generator_optimizer=rmsprop(1),
        discriminator_optimizer=rmsprop(critic_steps),
        critic_steps=critic_steps,
        clip=clip,
        metrics=[kgan.metrics.SlicedWasserstein(samples=2500)] if task.points else None,
        steps_per_execution=task.steps_per_execution,
    )
    gan.keep_average(0.995)  # not in the paper: steadier samples
    return gan


if __name__ == "__main__":
    run(wgan, __doc__, SETTINGS)
