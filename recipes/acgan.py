"""ACGAN: handwritten digits to order, by a discriminator that also names the class, in minutes on 2 cores.

    python recipes/acgan.py                       # scikit-learn's digits at 28x28, no download
    python recipes/acgan.py --dataset mnist       # any TFDS data set of images with classes
    python recipes/acgan.py --canonical           # the published game, without the term of mismatched classes

runs/acgan/samples shows a class a row. A judge that the game never saw reads the classes back: class accuracy, and
beside it how alike the images of a class are, since a generator that knows one picture a class is always right.

Odena, Olah, Shlens, Conditional Image Synthesis with Auxiliary Classifier GANs, 2017, https://arxiv.org/abs/1610.09585
"""

from kgan.runs import Reported, run

REPORTED = Reported("ACGAN", place=90)
SETTINGS = {
    "digits": {"size": 28, "epochs": 80, "batch_size": 32},
    "images": {"epochs": 10, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument("--class-weight", type=float, default=0.2, help="of the class head in the losses (default 0.2)")
    parser.add_argument("--canonical", action="store_true", help="the published game: no term of mismatched classes")


def acgan(task):
    import keras

    import kgan

    task.rows = range(task.classes)
    generator = kgan.networks.infogan_generator(task.shape, latent_dim=62, filters=32, hidden=512, classes=task.classes)
    discriminator = kgan.networks.infogan_discriminator(task.shape, filters=32, hidden=512, heads=(task.classes,))
    gan = kgan.ACGAN(generator, discriminator, classes=task.classes, mismatched=not task.options.canonical)
    # InfoGAN's players and rates: with DCGAN's the images of a class became one on Fashion-MNIST. A lower weight than
    # the paper's 1 leaves a class more room.
    gan.compile(
        keras.optimizers.Adam(1e-3, beta_1=0.5),
        keras.optimizers.Adam(2e-4, beta_1=0.5),
        class_weight=task.options.class_weight,
    )
    gan.keep_average(0.99)  # not in the paper: steadier samples; a longer average makes those of a class more alike
    return gan


if __name__ == "__main__":
    run(acgan, __doc__, SETTINGS, arguments, takes="labels")
