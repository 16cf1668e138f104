"""CoGAN: digits and their outlines from one latent, learned without a pair, in minutes on 2 cores.

    python recipes/cogan.py                              # halves of scikit-learn's digits: as they are, and outlined
    python recipes/cogan.py --kind negatives             # bright on dark, and dark on bright
    python recipes/cogan.py --dataset mnist              # any TFDS image data set, or a folder of images
    python recipes/cogan.py --apart                      # the floor: nothing is shared

runs/cogan/samples shows what is made of a latent in each domain, a row a latent. Printed and kept on the card: the
share of pixels, black or white, in which what is generated in the second domain agrees with what the first one's image
really is there, and the mean absolute error of a pixel, in [-1, 1]; as floors what an empty second image gets, the
image of another latent, and the true one moved by a pixel.

Liu, Tuzel, Coupled Generative Adversarial Networks, 2016, https://arxiv.org/abs/1606.07536
"""

from kgan.runs import Reported, run

REPORTED = Reported(
    "CoGAN",
    place=220,
    variations={
        "cogan_negatives": ("CoGAN, negatives", "--kind", "negatives"),
        "cogan_apart": ("CoGAN, nothing shared", "--apart"),
    },
    figures={
        "agreement": "pixels that agree with the true counterpart",
        "error": "error of a pixel against it",
    },
    less=("error",),
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 80, "batch_size": 32, "kind": "edges"},
    "images": {"epochs": 20, "batch_size": 64, "kind": "edges"},
}
PAIRS = 2000


def arguments(parser):
    parser.add_argument("--apart", action="store_true", help="each domain has networks of its own but for one layer")


def cogan(task):
    import keras

    import kgan

    (a, b), networks = task.shape.values(), kgan.networks
    # The paper's generators share all but the last layer, its discriminators all but the first.
    shared, judged = (1, -1) if task.options.apart else (-1, 1)
    generators = [networks.cut(networks.dcgan_generator(shape, 64, filters=32), shared) for shape in (a, b)]
    judges = [networks.cut(networks.dcgan_discriminator(shape, filters=32), judged) for shape in (a, b)]
    gan = kgan.CoGAN(
        generator_trunk=generators[0][0],
        generator_a=generators[0][1],
        generator_b=generators[1][1],
        discriminator_a=judges[0][0],
        discriminator_b=judges[1][0],
        discriminator_trunk=judges[0][1],
        domains=tuple(task.shape),
    )
    rate = keras.optimizers.schedules.CosineDecay(4e-4, task.steps)  # the paper's is 2e-4, for longer
    gan.compile(**{f"{player}_optimizer": keras.optimizers.Adam(rate, beta_1=0.5) for player in gan.players})
    gan.keep_average(0.999)  # not in the paper: steadier samples
    return gan


def measure(task, gan):
    """How far the two samples of a latent agree, where what belongs together is known."""
    import numpy as np

    if getattr(task.data, "derive", None) is None:  # folders, or colours, of which an image has many
        return {"scores": {}, "floors": {}}
    made = gan.generate(PAIRS, seed=0)
    first, second = (np.rint((made[domain] + 1) * 127.5).astype("uint8") for domain in gan.domains)
    wanted = task.data.derive(first)
    blank = np.full_like(second, np.median(second))
    others, moved = np.roll(second, 1, axis=0), np.roll(wanted, 1, axis=2)

    def agreement(images):
        return float(np.mean((images > 127) == (wanted > 127)))

    def error(images):
        return float(np.abs(images.astype("float32") - wanted).mean() / 127.5)

    scores, floors = {}, {}
    for name, measured in (("agreement", agreement), ("error", error)):
        scores[name], floors[name] = measured(second), measured(blank)
        scores |= {f"{name}_of_others": measured(others), f"{name}_if_moved": measured(moved)}
    return {"scores": scores, "floors": floors}


if __name__ == "__main__":
    run(cogan, __doc__, SETTINGS, arguments, takes="domains", measure=measure)
