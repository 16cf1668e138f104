"""Domain confusion: labels of printed digits serve for handwritten ones, which have none, in minutes on 2 cores.

    python recipes/domain_confusion.py                           # 5,000 digits of fonts, and scikit-learn's
    python recipes/domain_confusion.py --dataset glyph_domains   # upright characters, and slanted ones
    python recipes/domain_confusion.py --dataset mnist --target usps.h5    # MNIST's labels for USPS' digits
    python recipes/domain_confusion.py --dataset mnist --target usps.h5 --backwards    # and USPS' for MNIST's
    python recipes/domain_confusion.py --dataset inked --target printed    # two folders of a folder a class
    python recipes/domain_confusion.py --source-only             # the floor: no discriminator is fooled
    python recipes/domain_confusion.py --loss minimax            # a reversed gradient in place of inverted labels

runs/domain_confusion/samples shows test images of each domain, decoded as the other's, and the way back. Printed and
kept on the card: the share of test images of each domain whose class is found, beside the share of codes whose domain a
linear classifier finds. The floor is what --source-only prints: the same networks on the same images, which are moved
by up to two pixels. USPS' 16x16 pixels are scaled to the 20x20 that MNIST's digits fill (`kgan.data.usps`).

Ganin et al., Domain-Adversarial Training of Neural Networks, 2016, https://arxiv.org/abs/1505.07818
"""

from kgan.runs import Reported, run, test_split

REPORTED = Reported(
    "Domain confusion",
    place=240,
    variations={
        "domain_confusion_source_only": ("the same without a discriminator", "--source-only"),
        "domain_confusion_usps": ("MNIST to USPS", "--target", "usps.h5"),
        "domain_confusion_usps_source_only": (
            "the same without a discriminator",
            "--target",
            "usps.h5",
            "--source-only",
        ),
        "domain_confusion_mnist": ("USPS to MNIST", "--target", "usps.h5", "--backwards"),
        "domain_confusion_mnist_source_only": (
            "the same without a discriminator",
            "--target",
            "usps.h5",
            "--backwards",
            "--source-only",
        ),
    },
    figures={
        "target_accuracy": "classes found in the domain without labels",
        "source_accuracy": "classes found in the other one",
        "domain_found": "codes whose domain a linear classifier finds",
    },
    less=("domain_found",),
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 15, "batch_size": 32},
    "glyph_domains": {"size": 28, "epochs": 10, "batch_size": 32},
    # Little of what decoders ask for: it is the domain's own.
    "mnist": {"epochs": 4, "batch_size": 64, "autoencoding": 0.02},
    "images": {"epochs": 8, "batch_size": 64},
}
CODE, JITTER = 64, 2


def arguments(parser):
    losses = ("minimax", "non_saturating")  # a reversed gradient, inverted labels
    parser.add_argument("--loss", choices=losses, default="non_saturating", help="what confuses (default: the latter)")
    parser.add_argument("--confusion", type=float, default=0.2, help="weight of what confuses (default 0.2)")
    parser.add_argument(
        "--autoencoding", type=float, default=0.1, help="weight of the decoders' error (default 0.1, of MNIST 0.02)"
    )
    parser.add_argument("--backwards", action="store_true", help="the second domain's labels serve for the first one")
    parser.add_argument("--source-only", action="store_true", help="the floor: the weight of what confuses is 0")


def domain_confusion(task):
    import keras

    import kgan

    (of_a, of_b), networks = task.shape.values(), kgan.networks
    if of_a != of_b:
        raise ValueError(f"One encoder reads both domains, but their images are {of_a} and {of_b}: say `--size`.")
    domains = tuple(reversed(task.shape)) if task.options.backwards else tuple(task.shape)
    classes = len(set(task.data.labels[domains[0]].tolist()))
    task.data = shifted(task.data, JITTER)
    # Codes of one length: of longer ones the encoder would make what no discriminator follows.
    # No BatchNorm: its statistics of both domains fit neither.
    layers = networks.dcgan_discriminator(of_a, 16, normalization="layer", outputs=CODE).layers
    bounded = keras.layers.LayerNormalization(center=False, scale=False)
    encoder = keras.Sequential([keras.Input(of_a), *layers, bounded])
    gan = kgan.DomainConfusionGAN(
        discriminator=networks.mlp(CODE, 1, units=(128, 128)),
        shared_encoder=encoder,
        classifier=networks.mlp(CODE, classes, units=(64,)),
        decoder_a=networks.dcgan_generator(of_a, CODE, filters=8),
        decoder_b=networks.dcgan_generator(of_b, CODE, filters=8),
        loss=task.options.loss,
        domains=domains,
    )
    rate = keras.optimizers.schedules.CosineDecay(1e-3, task.steps)
    # As DANN's: what confuses counts more and more, once the codes mean something.
    rising = keras.optimizers.schedules.PolynomialDecay(
        0.0, task.steps, 0.0 if task.options.source_only else task.options.confusion
    )
    gan.compile(
        encoder_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        # Faster: a step of Adam's is as long however little the confusion weighs, and it must be followed.
        discriminator_optimizer=keras.optimizers.Adam(2e-3, beta_1=0.5),
        confusion_weight=rising,
        autoencoding_weight=task.options.autoencoding,
    )
    gan.keep_average(0.999)
    return gan


def shifted(data, pixels):
    """The same domains, of which each image is moved by up to so many pixels anew each epoch."""
    import kgan

    sets = {domain: kgan.data.Batches(images, data.labels.get(domain)) for domain, images in data.images.items()}
    return kgan.data.domains(**sets, batch_size=data.batch_size, seed=data.seed, jitter=pixels, labels=True)


def measure(task, gan):
    """Accuracies on test images, and how far codes still tell their domain."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    if "a" in gan.domains:  # folders
        return {"scores": {}, "floors": {}}
    test, found, codes = test_split(task), {}, []
    for domain, name in zip(gan.domains, ("source_accuracy", "target_accuracy")):
        images = test.scale(test.images[domain])
        found[name] = float(np.mean(gan.classify(images, domain, batch_size=256) == test.labels_by_domain[domain]))
        codes.append(gan.encode(images, domain, batch_size=256)[:2000])
    rows, domain = np.concatenate(codes), np.repeat([0, 1], [len(part) for part in codes])
    rows = (rows - rows.mean(0)) / (rows.std(0) + 1e-6)
    halves = np.arange(len(rows)) % 2 == 0
    reader = LogisticRegression(max_iter=500).fit(rows[halves], domain[halves])
    found["domain_found"] = float(reader.score(rows[~halves], domain[~halves]))
    return {"scores": found, "floors": {"domain_found": max(np.mean(domain), 1 - np.mean(domain))}}


if __name__ == "__main__":
    run(domain_confusion, __doc__, SETTINGS, arguments, takes="labelled domains", measure=measure)
