"""ComboGAN: the four faces of a font family, from each to each other one, in minutes on 2 cores.

    python recipes/combogan.py                             # regular, bold, slanted and both, 5,000 characters of each
    python recipes/combogan.py --dataset seasons           # a folder of a folder a domain
    python recipes/combogan.py --autoencoding 0            # as the paper has it

runs/combogan/samples shows a sample of each domain and what it is in each other one. Printed and kept on the card, by
the domain that one goes to: whether the class is kept and whether the face is as asked, both by classifiers of the
training images and of the worst source, and the mean absolute error of a pixel against what each character really is
there, which nothing in training knows; as floors what the untranslated images get.

Anoosheh et al., ComboGAN: Unrestrained Scalability for Image Domain Translation, 2018,
https://arxiv.org/abs/1712.06909
"""

from kgan.runs import TRANSLATION_FIGURES, TRANSLATION_LESS, Reported, run, translation_scores

REPORTED = Reported("ComboGAN", place=250, figures=TRANSLATION_FIGURES, less=TRANSLATION_LESS)
SETTINGS = {
    "glyph_domains": {"kind": "style", "epochs": 8, "batch_size": 15},
    "images": {"epochs": 200, "batch_size": 6},
}


def arguments(parser):
    parser.add_argument("--cycle", type=float, default=10.0, help="weight of the way back (default the paper's 10)")
    parser.add_argument(
        "--autoencoding", type=float, default=5.0, help="weight of what never left (default 5; the paper's is 0)"
    )


def combogan(task):
    import keras

    import kgan

    small = min(min(shape[:2]) for shape in task.shape.values()) < 64
    filters, blocks, field = (8, 1, 34) if small else (32, 3, 70)
    networks = {"encoders": {}, "decoders": {}, "discriminators": {}}
    for domain, shape in task.shape.items():
        networks["encoders"][domain] = kgan.networks.resnet_encoder(shape, filters, blocks)
        networks["decoders"][domain] = kgan.networks.resnet_decoder(shape, filters, blocks)
        networks["discriminators"][domain] = kgan.networks.patch_discriminator(shape, 3 * filters, field)
    gan = kgan.ComboGAN(**networks)
    rate = keras.optimizers.schedules.PolynomialDecay(5e-4, task.steps, end_learning_rate=0.0)  # the paper's is 2e-4
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        cycle_weight=task.options.cycle,
        autoencoding_weight=task.options.autoencoding,
    )
    gan.keep_average(0.999)  # not in the paper: steadier translations
    return gan


if __name__ == "__main__":
    run(combogan, __doc__, SETTINGS, arguments, takes="several domains", measure=translation_scores)
