"""Pix2Pix: glyphs drawn from blocks of grey, in minutes on 2 cores.

    python recipes/pix2pix.py                                  # 10,000 characters, drawn in seconds
    python recipes/pix2pix.py --dataset facades/train --side right    # a folder of pictures: target | source
    python recipes/pix2pix.py --dataset maps --target photos   # two folders of equal file names
    python recipes/pix2pix.py --dataset mnist --blocks 7       # any images, of which the means of blocks are left
    python recipes/pix2pix.py --adversarial 0                  # L1 alone, which blurs what the source leaves open
    python recipes/pix2pix.py --unconditional                  # D sees no source
    python recipes/pix2pix.py --noise                          # dropout goes on: another translation each time

runs/pix2pix/samples shows source, what is made of it, and target. Printed and kept on the card, of pairs held out of
training: the mean absolute error of a pixel, beside that of the source itself and of the median target, and how much
edge there is beside the true one; with --noise the difference between two translations of a source (variety.png has
four); of a set with a judge what that makes of it; of a folder (`--held-out`) how well a network that learned to read
sources off targets reads them off what was made, as floor off the median target.

Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2017, https://arxiv.org/abs/1611.07004
"""

from kgan.runs import JUDGED, Reported, is_folder, judged, run, test_split

REPORTED = Reported(
    "Pix2Pix",
    place=200,
    variations={
        "pix2pix_l1": ("Pix2Pix, L1 alone", "--adversarial", "0"),
        **{
            f"pix2pix_blocks_{side}{name}": (f"blocks of {side}, {what}", "--blocks", str(side), *options)
            for side in (14, 7, 4, 2)
            for name, what, *options in (
                ("", "L1 + cGAN"),
                ("_gan", "L1 + GAN", "--unconditional"),
                ("_l1", "L1 alone", "--adversarial", "0"),
            )
        },
        # CMP's facades, photograph | labels, as two folders beside each other.
        "pix2pix_facades": ("labels to photographs", "--side", "right", "--held-out", "facades_test"),
        "pix2pix_facades_l1": (
            "labels to photographs, L1 alone",
            *("--side", "right", "--held-out", "facades_test", "--adversarial", "0"),
        ),
        "pix2pix_blocks_7_noise": ("blocks of 7, L1 + cGAN, dropout goes on", "--blocks", "7", "--noise"),
    },
    figures={
        "l1": "error of a pixel",
        "sharpness": "edges, of the true ones",
        "median": "error of the median target",
        "class_kept": "class as the judge sees it",
        "fid": "Fréchet distance by the judge's features",
        "frechet": "Fréchet distance by a network that reads sources",
        "read_back": "error of a source that is read off what was made",
        "variety": "difference of a pixel between two translations of a source",
    },
    less=("l1", "median", "fid", "frechet", "read_back"),
)
SETTINGS = {
    "glyph_pairs": {"epochs": 8, "batch_size": 32},
    "digits": {"size": 28, "epochs": 40, "batch_size": 32, "blocks": 7},
    "mnist": {"epochs": 2, "batch_size": 64, "blocks": 7},
    "fashion_mnist": {"epochs": 2, "batch_size": 64, "blocks": 7},
    "images": {"epochs": 100, "batch_size": 4},
}


def arguments(parser):
    parser.add_argument(
        "--adversarial", type=float, default=1.0, help="weight of the discriminator's part (default the paper's 1)"
    )
    parser.add_argument("--unconditional", action="store_true", help="the discriminator sees targets, and no sources")
    parser.add_argument("--noise", action="store_true", help="dropout goes on when training is over, the paper's noise")


def pix2pix(task):
    import keras

    import kgan

    target, small = task.data.labels.shape[1:], min(task.shape[:2]) < 64
    filters, field = (12, 34) if small else (32, 70)
    unet = kgan.networks.unet(task.shape, channels=target[-1], filters=filters, noise=task.options.noise)
    judge = kgan.networks.patch_discriminator(
        target, 2 * filters, field, None if task.options.unconditional else task.shape
    )
    gan = kgan.Pix2Pix(generator=unet, discriminator=judge)
    rate = keras.optimizers.schedules.CosineDecay(4e-4, task.steps)  # the paper's is 2e-4, for ten times as long
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        adversarial_weight=task.options.adversarial,
    )
    return gan


def measure(task, gan):
    """Errors and sharpness on pairs held out of training; nothing where there are none."""
    import numpy as np

    import kgan
    from kgan.runs.judges import reader

    if is_folder(task.options.dataset) and task.held_out is None:
        return {"scores": {}, "floors": {}}
    test = test_split(task)
    sources, targets = test.scale(test.images), test.scale(test.labels)
    median = np.median(task.data.scale(task.data.labels[:2000]), axis=0)

    def l1(images):
        return float(np.abs(images - targets).mean())

    def edges(images):
        return np.abs(np.diff(images, axis=1)).mean() + np.abs(np.diff(images, axis=2)).mean()

    made = gan.translate(sources)
    scores = {"l1_test": l1(made), "sharpness": float(edges(made) / edges(targets)), "median_target": l1(median)}
    if task.options.noise:
        scores["variety"] = float(np.abs(gan.translate(sources) - made).mean())
        draw_variety(task, gan, sources, targets)
    floors = {"l1_test": l1(sources)} if sources.shape == targets.shape else {}
    if task.options.dataset in JUDGED:
        scores |= judged(task.options.dataset, targets, test.classes, made)
        floors |= judged(task.options.dataset, targets, test.classes, sources)
    elif task.held_out is not None:
        judged_by = reader(task.data.labels, task.data.images, task.options.seed)
        true_features, of_real = judged_by.predict(targets, verbose=0)

        def read(images):
            features, sources_read = judged_by.predict(images, verbose=0)
            distance = kgan.metrics.frechet_distance(true_features, features)
            return {"frechet_reader": distance, "read_back": float(np.abs(sources_read - sources).mean())}

        scores |= read(made) | {"read_back_of_real": float(np.abs(of_real - sources).mean())}
        floors |= read(np.repeat(median[None], len(targets), axis=0))
    return {"scores": scores, "floors": floors}


def draw_variety(task, gan, sources, targets, rows=8, columns=4):
    """variety.png in the run's folder: a row a source, with several translations of it and its target."""
    from kgan.pictures import draw_sheet

    few = sources[:rows]
    several = {f"made {index + 1}": gan.translate(few) for index in range(columns)}
    draw_sheet({"source": few, **several, "target": targets[:rows]}).save(task.out / "variety.png")


if __name__ == "__main__":
    run(pix2pix, __doc__, SETTINGS, arguments, takes="pairs", measure=measure)
