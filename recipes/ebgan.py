"""EBGAN: digits under an auto-encoder, which learns real images before the game begins, in minutes on 2 cores.

    python recipes/ebgan.py                       # scikit-learn's digits at 28x28, no download
    python recipes/ebgan.py --dataset mnist       # any TFDS image data set, or a folder of images
    python recipes/ebgan.py --pretrain 0          # without the head start

`real_energy` in runs/ebgan/history.csv is the error of the auto-encoder on real images, `fake_energy` that on generated
ones: held at the margin or above.

Zhao, Mathieu, LeCun, Energy-based Generative Adversarial Network, 2017, https://arxiv.org/abs/1609.03126
"""

from kgan.runs import Reported, run

REPORTED = Reported("EBGAN", place=130)
SETTINGS = {
    "digits": {"size": 28, "epochs": 81, "batch_size": 32},
    "images": {"epochs": 7, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument(
        "--pretrain",
        type=int,
        default=1,
        metavar="EPOCHS",
        help="how many of the epochs train the auto-encoder alone, on real images (default 1)",
    )
    parser.add_argument(
        "--margin", type=float, default=0.5, help="energy that generated images have at least (default 0.5)"
    )


def ebgan(task):
    import keras

    import kgan

    generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32)
    gan = kgan.EBGAN(generator, kgan.networks.autoencoder(task.shape, code_dim=32, filters=32))
    alone, decay = task.options.pretrain * len(task.data), keras.optimizers.schedules.CosineDecay
    gan.compile(
        # It moves in the game alone, the discriminator in the epochs before it too: both rates end together.
        generator_optimizer=keras.optimizers.Adam(decay(1e-3, max(1, task.steps - alone)), beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(decay(1e-3, task.steps), beta_1=0.5),
        margin=task.options.margin,
        pretraining_epochs=task.options.pretrain,
    )
    gan.keep_average(0.999)  # not in the paper: steadier samples
    return gan


if __name__ == "__main__":
    run(ebgan, __doc__, SETTINGS, arguments)
