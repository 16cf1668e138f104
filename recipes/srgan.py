"""SRGAN: digits of 7x7 pixels enlarged to 28x28, in minutes on 2 cores.

    python recipes/srgan.py                                # scikit-learn's digits at 28x28, no download
    python recipes/srgan.py --dataset fashion_mnist        # any TFDS image data set
    python recipes/srgan.py --dataset photos --validation-share 0.1    # a folder of images, 16x16 to 64x64
    python recipes/srgan.py --adversarial 0                # SRResNet: squared error alone, which blurs

Scikit-learn's digits were scanned at 8x8, so that 7x7 pixels of them determine nearly all of 28x28; those of other sets
leave more open.

The first epochs are SRResNet's, of squared error alone. runs/srgan/samples shows small images, what is made of them,
and the large ones. Printed and kept on the card, of images held out of training, each beside bicubic enlargement as the
floor: PSNR, how much edge there is beside the true one, and, of a data set with a judge, the Fréchet distance from the
true images and how often the judge reads their class.

Ledig et al., Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network, 2017,
https://arxiv.org/abs/1609.04802
"""

from kgan.runs import JUDGED, Reported, is_folder, judged, run, test_split

REPORTED = Reported(
    "SRGAN",
    place=207,
    variations={"srgan_0": ("SRResNet", "--adversarial", "0")},
    figures={"psnr": "PSNR in dB", "edges": "edges, of the true ones", "class_kept": "class as the judge reads it"},
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 40, "batch_size": 32, "pretrain": 20},
    "glyphs": {"size": 32, "epochs": 6, "batch_size": 32, "pretrain": 3},
    "images": {"epochs": 8, "batch_size": 32, "pretrain": 3},
}

MEASURED = 2000  # images


def arguments(parser):
    parser.add_argument("--scale", type=int, default=4, help="how many times images are enlarged (default 4)")
    parser.add_argument(
        "--adversarial",
        type=float,
        default=0.03,
        help="weight of the discriminator's part (default 0.03; the paper's 0.001 stands beside features of VGG19)",
    )
    parser.add_argument(
        "--pretrain",
        type=int,
        metavar="EPOCHS",
        help="how many of the epochs are SRResNet's, of squared error alone (default: a third to a half)",
    )


def srgan(task):
    import keras

    import kgan

    scale = task.options.scale
    if task.held_out is not None or not is_folder(task.options.dataset):
        task.held_out = kgan.data.downscaled(test_split(task), scale)
    task.data = kgan.data.downscaled(task.data, scale)
    large = task.data.labels.shape[1:]
    # Free sides: what was trained on 64 x 64 pixels enlarges whole pictures.
    generator = kgan.networks.srresnet((None, None, large[-1]), scale, filters=32, blocks=4)
    # With the paper's BatchNorm it wins within an epoch, and what it then asks for are not the images' own edges.
    gan = kgan.SRGAN(generator, kgan.networks.dcgan_discriminator(large, filters=32, normalization="spectral"))
    pretraining = task.options.pretrain if task.options.adversarial else task.options.epochs
    alone, decay = pretraining * len(task.data), keras.optimizers.schedules.CosineDecay
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(decay(1e-3, task.steps)),
        discriminator_optimizer=keras.optimizers.Adam(decay(4e-4, max(1, task.steps - alone)), beta_1=0.5),
        adversarial_weight=task.options.adversarial,
        pretraining_epochs=pretraining,
    )
    gan.keep_average(0.99)  # not in the paper: steadier images
    return gan


def measure(task, gan):
    """What is made of images held out of training, and as floors what bicubic enlargement makes of them; nothing where
    there are none.
    """
    import keras
    import numpy as np

    test = task.held_out
    if test is None:
        return {"scores": {}, "floors": {}}
    low, high = (test.scale(array[:MEASURED]) for array in (test.images, test.labels))

    def bicubic(images):
        return keras.ops.image.resize(images, high.shape[1:3], interpolation="bicubic", data_format="channels_last")

    enlarged = {"scores": gan.translate(low), "floors": np.clip(gan.in_batches(bicubic, low), -1, 1)}
    return {kind: likeness(task.options.dataset, images, high, test.classes) for kind, images in enlarged.items()}


def likeness(dataset, images, true, classes):
    """How like the true ones enlarged images are, pixel by pixel, at their edges, and to the judge of the data set."""
    import numpy as np

    import kgan

    def edges(images):
        return np.abs(np.diff(images, axis=1)).mean() + np.abs(np.diff(images, axis=2)).mean()

    found = {"psnr": float(kgan.metrics.psnr(true, images).mean()), "edges": float(edges(images) / edges(true))}
    return found | (judged(dataset, true, classes[: len(true)], images) if dataset in JUDGED else {})


if __name__ == "__main__":
    run(srgan, __doc__, SETTINGS, arguments, measure=measure)
