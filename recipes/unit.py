"""UNIT: upright characters slanted and slanted ones set upright by way of a shared code, in minutes on 2 cores.

    python recipes/unit.py                                 # 5,000 characters of each kind, drawn in seconds
    python recipes/unit.py --dataset horses --target zebras    # two folders of images
    python recipes/unit.py --cycle 0                       # the paper without its cycle: what sharing layers does alone

runs/unit/samples shows a sample of each domain, its translation and the way back. Printed and kept on the card: the
mean absolute error of a pixel against what each character really is in the other domain, which nothing in training
knows; as floor what the untranslated image gets.

Liu, Breuel, Kautz, Unsupervised Image-to-Image Translation Networks, 2017, https://arxiv.org/abs/1703.00848
"""

from kgan.runs import TRANSLATION_FIGURES, TRANSLATION_LESS, Reported, run, translation_scores

REPORTED = Reported(
    "UNIT",
    place=230,
    variations={"unit_usps": ("UNIT, MNIST and USPS", "--target", "usps.h5")},
    figures=TRANSLATION_FIGURES,
    less=TRANSLATION_LESS,
)
SETTINGS = {
    "glyph_domains": {"kind": "slant", "epochs": 6, "batch_size": 16},
    "mnist": {"epochs": 3, "batch_size": 32},
    "images": {"epochs": 200, "batch_size": 1},
}


def arguments(parser):
    parser.add_argument("--cycle", type=float, default=100.0, help="weight of the way back (default the paper's 100)")


def unit(task):
    import keras

    import kgan

    of_a, of_b = task.shape.values()
    small = min(of_a[:2]) < 64
    filters, blocks, field = (8, 1, 34) if small else (32, 3, 70)
    judges = [kgan.networks.patch_discriminator(shape, (3 if small else 2) * filters, field) for shape in (of_a, of_b)]
    gan = kgan.UNIT(
        **kgan.networks.coupled_translators(of_a, of_b, filters, blocks),
        discriminator_a=judges[0],
        discriminator_b=judges[1],
        domains=tuple(task.shape),
    )
    rate = keras.optimizers.schedules.PolynomialDecay(5e-4, task.steps, end_learning_rate=0.0)  # the paper's is 1e-4
    gan.compile(
        **{f"{player}_optimizer": keras.optimizers.Adam(rate, beta_1=0.5) for player in gan.players},
        cycle_weight=task.options.cycle,
    )
    gan.keep_average(0.999)  # not in the paper: steadier translations
    return gan


if __name__ == "__main__":
    run(unit, __doc__, SETTINGS, arguments, takes="domains", measure=translation_scores)
