"""CGAN: handwritten digits to order, one class a row, in minutes on 2 cores.

    python recipes/cgan.py                        # scikit-learn's digits at 28x28, no download
    python recipes/cgan.py --dataset mnist        # any TFDS data set of images with classes
    python recipes/cgan.py --design two_branch    # a score for "real" and one for "fits the label"
    python recipes/cgan.py --design projection

runs/cgan/samples shows a class a row. A judge that the game never saw reads the classes back: class accuracy, and
beside it how alike the images of a class are, since a generator that knows one picture a class is always right.

Mirza, Osindero, Conditional Generative Adversarial Nets, 2014, https://arxiv.org/abs/1411.1784
Reed et al., Generative Adversarial Text to Image Synthesis, 2016, https://arxiv.org/abs/1605.05396
Miyato, Koyama, cGANs with Projection Discriminator, 2018, https://arxiv.org/abs/1802.05637
"""

from kgan.runs import JUDGED, Reported, run, test_split

REPORTED = Reported(
    "CGAN",
    place=80,
    figures={
        "wrong_labels_refused": "real images refused under a wrong label",
        "right_labels_refused": "real images refused under their own label",
        "own_label_preferred": "real images that score higher under their own label",
    },
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 80, "batch_size": 32},
    "images": {"epochs": 8, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument(
        "--design",
        choices=("joint", "two_branch", "projection"),
        default="joint",
        help="how a pair is judged (default joint)",
    )


def cgan(task):
    import keras

    import kgan

    design, task.rows = task.options.design, range(task.classes)
    generator = kgan.networks.dcgan_generator(task.shape, latent_dim=64, filters=32, classes=task.classes)
    discriminator = kgan.networks.dcgan_discriminator(task.shape, filters=32, classes=task.classes, design=design)
    # A projection is a way to build the one logit of a pair.
    gan = kgan.CGAN(
        generator, discriminator, classes=task.classes, design="two_branch" if design == "two_branch" else "joint"
    )
    rate = keras.optimizers.schedules.CosineDecay(4e-4, task.steps)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
    )
    gan.keep_average(0.999)  # not in the papers: steadier samples
    return gan


def measure(task, gan):
    """Shares of test images that the discriminator, or its score for matching, gives less than 0.5: under a wrong label
    and under their own; and of those it likes better under their own label than under the wrong one.

    A threshold can lie anywhere between the players: the last share says whether the label is read.
    """
    import numpy as np

    if task.options.dataset not in JUDGED:
        return {"scores": {}, "floors": {}}
    test = test_split(task)
    wrong = (test.labels + np.random.default_rng(0).integers(1, task.classes, len(test.labels))) % task.classes
    images, logits = test.scale(test.images), {}
    for name, labels in {"wrong": wrong, "right": test.labels}.items():
        outputs = gan.discriminator.predict([images, labels], batch_size=500, verbose=0)
        logits[name] = outputs[-1] if gan.design == "two_branch" else outputs
    scores = {f"{name}_labels_refused": float((values < 0).mean()) for name, values in logits.items()}
    return {
        "scores": {**scores, "own_label_preferred": float((logits["right"] > logits["wrong"]).mean())},
        "floors": {},
    }


if __name__ == "__main__":
    run(cgan, __doc__, SETTINGS, arguments, takes="labels", measure=measure)
