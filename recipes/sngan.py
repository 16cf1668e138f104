"""SNGAN: handwritten digits under a discriminator of spectral norm one, in a minute on 2 cores.

    python recipes/sngan.py                       # scikit-learn's digits at 16x16, no download
    python recipes/sngan.py --dataset mnist       # any TFDS image data set, or a folder of images
    python recipes/sngan.py --dataset ring        # 8 Gaussians on a circle

runs/sngan/samples shows the same 64 latents as they become digits.

Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, https://arxiv.org/abs/1802.05957
"""

from kgan.runs import Reported, run

REPORTED = Reported("SNGAN", place=60)
SETTINGS = {
    "digits": {"size": 16, "epochs": 80, "batch_size": 50},
    "images": {"epochs": 7, "batch_size": 64},
    "points": {"epochs": 60, "batch_size": 256},
}


def sngan(task):
    import keras
    from keras import layers

    import kgan

    if task.points:
        generator = kgan.networks.mlp(2, 2, units=(128, 128, 128))
        normalized = [
            kgan.layers.SpectralNormalization(layers.Dense(width, activation))
            for width, activation in ((128, "relu"), (128, "relu"), (1, None))
        ]
        discriminator = keras.Sequential([keras.Input(task.shape), *normalized])
    else:
        generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32)
        discriminator = kgan.networks.dcgan_discriminator(task.shape, filters=32, normalization="spectral")

    gan = kgan.SNGAN(generator, discriminator, loss="hinge")
    decay, critic_steps = keras.optimizers.schedules.CosineDecay, 3
    # The paper's fast settings D and E (1e-3, five critic steps); spectral normalisation holds there, and a run of
    # minutes needs it.
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(decay(1e-3, task.steps), beta_1=0.0, beta_2=0.9),
        discriminator_optimizer=keras.optimizers.Adam(decay(1e-3, critic_steps * task.steps), beta_1=0.0, beta_2=0.9),
        critic_steps=critic_steps,
        steps_per_execution=task.steps_per_execution,
    )
    gan.keep_average(0.999)  # not in the paper: steadier samples
    return gan


if __name__ == "__main__":
    run(sngan, __doc__, SETTINGS)
