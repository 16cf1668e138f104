"""CycleGAN: upright characters slanted and slanted ones set upright, learned without a pair, in minutes on 2 cores.

    python recipes/cyclegan.py                                 # 5,000 characters of each kind, drawn in seconds
    python recipes/cyclegan.py --dataset horses --target zebras    # two folders of images
    python recipes/cyclegan.py --dataset mnist --target usps.h5    # the digits of two institutions
    python recipes/cyclegan.py --dataset mnist --kind colours    # colours that grey has no room for, and what hides
    python recipes/cyclegan.py --cycle 0                       # nothing holds a translation to what it came from

runs/cyclegan/samples shows a sample of each domain, its translation and the way back. Printed and kept on the card: the
mean absolute error of a pixel against what each character really is in the other domain, which nothing in training
knows; whether classes are kept and domains look as they should, by classifiers of the training images; and how much of
the way back a disturbance in between ruins, which is what the translations hide (runs/cyclegan/hidden.png). As floor
what the untranslated image gets.

Zhu et al., Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks, 2017,
https://arxiv.org/abs/1703.10593
"""

from kgan.runs import TRANSLATION_FIGURES, TRANSLATION_LESS, Reported, run, test_split, translation_scores

REPORTED = Reported(
    "CycleGAN",
    place=210,
    variations={
        "cyclegan_usps": ("CycleGAN, MNIST and USPS", "--target", "usps.h5"),
        "cyclegan_usps_no_cycle": ("the same, no cycle", "--target", "usps.h5", "--cycle", "0"),
        "cyclegan_usps_no_identity": ("the same, no identity", "--target", "usps.h5", "--identity", "0"),
        "cyclegan_usps_whole": ("the same, D sees whole digits", "--target", "usps.h5", "--patch", "34"),
        "cyclegan_colours": ("CycleGAN, colours and grey", "--kind", "colours"),
        "cyclegan_colours_noise": ("the same, noise before the way back", "--kind", "colours", "--hiding-noise", "0.1"),
        "cyclegan_print": ("CycleGAN, all fonts and a plain one", "--kind", "print"),
    },
    figures=TRANSLATION_FIGURES,
    less=TRANSLATION_LESS,
)
SETTINGS = {
    "glyph_domains": {"kind": "slant", "epochs": 8, "batch_size": 16},
    # Of whole digits D would ask for as many of each class as the domain has, and so for other classes; longer, patches
    # do, too.
    "mnist": {"epochs": 1, "batch_size": 32, "patch": 16, "identity": 1.0},
    "images": {"epochs": 200, "batch_size": 1},
}
SENT = 200  # samples of each domain, to see what is hidden


def arguments(parser):
    parser.add_argument("--cycle", type=float, default=10.0, help="weight of the way back (default the paper's 10)")
    parser.add_argument(
        "--identity", type=float, help="weight of leaving alone what is there, as a share of --cycle (default 0.5)"
    )
    parser.add_argument(
        "--patch",
        type=int,
        help="side in pixels of what one logit of D sees (default 70 as in the paper, of small images 34, of MNIST 16)",
    )
    parser.add_argument(
        "--hiding-noise",
        type=float,
        default=0.0,
        help="deviation of the noise that the way back has to bear (default 0)",
    )


def cyclegan(task):
    import keras

    import kgan

    of_a, of_b = task.shape.values()
    if min(of_a[:2]) < 64:
        filters, patch = 12, 34

        def translator(shape, made):
            return kgan.networks.unet(shape, channels=made[-1], filters=filters, dropout=0.0)
    else:
        filters, patch = 32, 70

        def translator(shape, made):
            return kgan.networks.resnet_translator(shape, channels=made[-1], filters=filters)

    patch = task.options.patch or patch
    judges = [kgan.networks.patch_discriminator(shape, 2 * filters, patch) for shape in (of_a, of_b)]
    gan = kgan.CycleGAN(translator(of_a, of_b), translator(of_b, of_a), *judges, domains=tuple(task.shape))
    # The paper's rate of 2e-4 is constant for half of the run and then falls to 0.
    rate = keras.optimizers.schedules.PolynomialDecay(4e-4, task.steps, end_learning_rate=0.0)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        cycle_weight=task.options.cycle,
        identity_weight=task.options.identity,
        hiding_noise=task.options.hiding_noise,
    )
    gan.keep_average(0.999)  # not in the paper: steadier translations
    return gan


def measure(task, gan):
    """Translations, and what the way back finds hidden in them."""
    from kgan.metrics import cycle_robustness
    from kgan.pictures import draw_robustness

    found = translation_scores(task, gan)
    if found["scores"]:
        test = test_split(task)
        ways = {
            f"{source} to {to} and back": cycle_robustness(gan, test.scale(test.images[source][:SENT]), source, to)
            for source, to in gan.directions
        }
        for (source, _), errors in zip(gan.directions, ways.values()):
            found["scores"] |= {
                f"cycle_from_{source}_{name}": errors[name] for name in ("noise 0.1", "8 bit", "jpeg 75")
            }
        draw_robustness(ways).save(task.out / "hidden.png")
    return found


if __name__ == "__main__":
    run(cyclegan, __doc__, SETTINGS, arguments, takes="domains", measure=measure)
