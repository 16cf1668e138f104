"""Direct transformation: characters of many fonts as a plain one has them, by one generator, in minutes on 2 cores.

    python recipes/direct_transform.py                     # 5,000 characters of each kind, drawn in seconds
    python recipes/direct_transform.py --consistency 0     # the floor: nothing holds a plain character to its source
    python recipes/direct_transform.py --kind weight --shallow    # light to bold: a generator too shallow to do else

A frozen encoder f holds the generator to what it is given, f(x) = f(G(x)): the features of a classifier of the first
domain's characters, trained before the game. runs/direct_transform/samples shows samples and their translations.
Printed and kept on the card: whether the class is kept and the style is as asked, both by classifiers of the training
images, and the mean absolute error of a pixel against what each character is in the plain font; as floors what the
untranslated images get.

Taigman, Polyak, Wolf, Unsupervised Cross-Domain Image Generation, 2017, https://arxiv.org/abs/1611.02200
"""

from kgan.runs import TRANSLATION_FIGURES, TRANSLATION_LESS, Mistake, Reported, run, translation_scores

REPORTED = Reported(
    "Direct transformation",
    place=270,
    variations={
        "direct_transform_0": ("the same, nothing holds it", "--consistency", "0"),
        "direct_transform_shallow": ("shallow, light to bold", "--kind", "weight", "--shallow"),
    },
    figures=TRANSLATION_FIGURES,
    less=TRANSLATION_LESS,
)
SETTINGS = {
    "glyph_domains": {"kind": "print", "epochs": 12, "batch_size": 32},
    "images": {"epochs": 20, "batch_size": 32},
}


def arguments(parser):
    parser.add_argument(
        "--consistency", type=float, default=15.0, help="weight of f(x) = f(G(x)) (default the paper's 15)"
    )
    parser.add_argument(
        "--shallow", action="store_true", help="a generator of three small convolutions, and no encoder"
    )


def direct_transform(task):
    import keras
    from keras import layers

    import kgan

    (a, b), (of_a, of_b) = task.shape, task.shape.values()
    if task.options.shallow:
        stack = [layers.Conv2D(16, 3, padding="same", activation="relu") for _ in range(2)]
        last = layers.Conv2D(of_b[-1], 3, padding="same", activation="tanh")
        generator, encoder = keras.Sequential([keras.Input(of_a), *stack, last]), None
    else:
        # No connections past its middle, by which a character would keep its slant and font.
        generator = kgan.networks.resnet_translator(of_a, channels=of_b[-1], filters=8, blocks=2)
        encoder = frozen_encoder(task, a)
    gan = kgan.DirectTransformGAN(
        generator,
        kgan.networks.dcgan_discriminator(of_b, 32, normalization="spectral"),
        encoder,
        domains=(a, b),
    )
    rate = keras.optimizers.schedules.PolynomialDecay(5e-4, task.steps, end_learning_rate=0.0)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        consistency_weight=task.options.consistency,
    )
    gan.keep_average(0.999)  # not in the paper: steadier translations
    return gan


def frozen_encoder(task, domain):
    """The features of a classifier of a domain's training images."""
    import keras

    from kgan.runs.judges import trained

    labels = task.data.labels_by_domain.get(domain)
    if labels is None:
        raise Mistake("the frozen encoder is trained on classes, which these images do not have: take --shallow")
    judge = trained(task.data.images[domain], labels, task.options.seed)
    encoder = keras.Model(judge.inputs, judge.get_layer("features").output, name="encoder")
    encoder.trainable = False
    return encoder


if __name__ == "__main__":
    run(direct_transform, __doc__, SETTINGS, arguments, takes="domains", measure=translation_scores)
