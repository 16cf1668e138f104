"""R3GAN: all 8 modes of a ring (all 25 of a grid) in about two minutes on 2 cores.

    python recipes/r3gan.py                       # 8 Gaussians on a circle
    python recipes/r3gan.py --dataset grid        # 25 Gaussians
    python recipes/r3gan.py --dataset digits      # images: scikit-learn's digits at 16x16
    python recipes/r3gan.py --dataset mnist       # any TFDS image data set, or a folder of images

runs/r3gan/samples shows the cloud spread over the modes; modes, share of high-quality samples and reverse KL are
printed and stand on the card.

Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2024, https://arxiv.org/abs/2501.05441
"""

from kgan.runs import Reported, run

REPORTED = Reported("R3GAN", place=70)
SETTINGS = {
    "ring": {"epochs": 37, "batch_size": 256},
    "points": {"epochs": 37, "batch_size": 256},
    "digits": {"size": 16, "epochs": 80, "batch_size": 50},
    "images": {"epochs": 10, "batch_size": 64},
}


def r3gan(task):
    import keras

    import kgan

    if task.points:
        generator = kgan.networks.mlp(2, 2, units=8 * (128,), activation="leaky_relu")
        discriminator = kgan.networks.mlp(2, 1, units=3 * (128,), activation="leaky_relu")
        gamma, last_share, learning_rate = 1.0, 0.001, 1e-3
    else:
        # DCGAN's generator keeps its BatchNorm here; the paper's players are residual networks without normalisation.
        generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32)
        discriminator = kgan.networks.dcgan_discriminator(task.shape, filters=32, normalization=None)
        gamma, last_share, learning_rate = 1.0, 0.1, 4e-4  # the paper anneals gamma to a tenth

    decay = keras.optimizers.schedules.CosineDecay
    gan = kgan.R3GAN(generator, discriminator)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(decay(learning_rate, task.steps), beta_1=0.0, beta_2=0.99),
        discriminator_optimizer=keras.optimizers.Adam(decay(learning_rate, task.steps), beta_1=0.0, beta_2=0.99),
        gamma=decay(gamma, task.steps, alpha=last_share),
        steps_per_execution=task.steps_per_execution,
    )
    gan.keep_average(0.999)
    return gan


if __name__ == "__main__":
    run(r3gan, __doc__, SETTINGS)
