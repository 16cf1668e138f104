"""DCGAN: recognisable handwritten digits in 2 minutes on 2 cores, in under 3 on slow ones.

    python recipes/dcgan.py                       # scikit-learn's digits at 28x28, no download
    python recipes/dcgan.py --dataset mnist       # any TFDS image data set, or a folder of images

runs/dcgan/samples shows the same 64 latents as they become digits.

Radford, Metz, Chintala, Unsupervised Representation Learning with Deep Convolutional GANs, 2016,
https://arxiv.org/abs/1511.06434
"""

from kgan.runs import Reported, run

REPORTED = Reported("DCGAN", place=20, published_fid={"mnist": "6.8 ± 0.5", "fashion_mnist": "26.5 ± 1.6"})
SETTINGS = {
    "digits": {"size": 28, "epochs": 48, "batch_size": 32},
    "images": {"epochs": 10, "batch_size": 64},
}


def dcgan(task):
    import keras

    import kgan

    generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32)
    discriminator = kgan.networks.dcgan_discriminator(task.shape, filters=32)

    # The paper's rate is a constant 2e-4; one that starts higher and falls to 0 suits a run of minutes.
    rate = keras.optimizers.schedules.CosineDecay(4e-4, task.steps)
    gan = kgan.DCGAN(generator, discriminator)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
    )
    gan.keep_average(0.999)  # not in the paper: steadier samples
    return gan


if __name__ == "__main__":
    run(dcgan, __doc__, SETTINGS)
