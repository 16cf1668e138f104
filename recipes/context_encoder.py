"""Context encoder: what is missing in a digit, made from what is there, in minutes on 2 cores.

    python recipes/context_encoder.py                            # scikit-learn's digits at 28x28, no download
    python recipes/context_encoder.py --dataset fashion_mnist    # any TFDS image data set, or a folder of images
    python recipes/context_encoder.py --adversarial 0            # reconstruction alone, which blurs
    python recipes/context_encoder.py --place random             # holes anywhere, not in the middle

A hole has half of each side. runs/context_encoder/samples shows images with their holes, what is made, and what was
there. Printed and kept on the card, of images held out of training: PSNR in the hole, and where there is a judge the
share of completed images that it takes for their class and their Fréchet distance to training images, each beside its
floor, that of whole images, and beside what the mean training image in the hole gets.

Pathak et al., Context Encoders: Feature Learning by Inpainting, 2016, https://arxiv.org/abs/1604.07379
"""

from kgan.runs import JUDGED, Reported, run, test_split

REPORTED = Reported(
    "ContextEncoder",
    place=205,
    variations={"context_encoder_l2": ("ContextEncoder, reconstruction alone", "--adversarial", "0")},
    figures={
        "psnr_hole": "PSNR in the hole",
        "class_kept": "completions of the right class",
        "completed_fid": "Fréchet distance of completions",
        "psnr_mean_image": "PSNR of the mean image in the hole",
        "class_mean_image": "right class with the mean image in the hole",
    },
    less=("completed_fid",),
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 60, "batch_size": 32},
    "images": {"epochs": 6, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument(
        "--adversarial", type=float, default=0.05, help="weight of the discriminator's part (the paper's is 0.001)"
    )
    parser.add_argument("--place", choices=("center", "random"), default="center", help="where holes are")


def context_encoder(task):
    import keras

    import kgan

    height, width, channels = task.shape
    # Of single images normalization would make noise of what is dark all over.
    unet = kgan.networks.unet(
        (height, width, channels + 1), channels=channels, filters=16, dropout=0.0, normalization="batch"
    )
    judge = kgan.networks.dcgan_discriminator(task.shape, filters=32, normalization="spectral")
    hole = kgan.kinds.Rectangle(height // 2, width // 2, task.options.place)
    gan = kgan.ContextEncoder(unet, judge, hole=hole)
    rates = [keras.optimizers.schedules.CosineDecay(rate, task.steps) for rate in (1e-3, 5e-4)]
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rates[0], beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rates[1], beta_1=0.5),
        adversarial_weight=task.options.adversarial,
        overlap=1,
    )
    gan.keep_average(0.999)  # not in the paper: steadier images
    return gan


def measure(task, gan):
    """What is made in the holes of images held out of training."""
    import keras
    import numpy as np

    import kgan

    name = task.options.dataset
    if name not in JUDGED and task.held_out is None:
        return {"scores": {}, "floors": {}}
    test, train = test_split(task), task.data.scale(task.data.images[:10_000])
    images = test.scale(test.images)
    drawn = gan.hole.draw(*images.shape[:3], keras.random.SeedGenerator(0))
    masks = keras.ops.convert_to_numpy(drawn) > 0
    made, mean = gan.inpaint(images, masks), np.where(masks, train.mean(0), images)

    def in_hole(filled):
        sides = gan.hole.height, gan.hole.width
        inside = [part[masks[..., 0]].reshape(len(images), *sides, -1) for part in (images, filled)]
        return float(kgan.metrics.psnr(*inside).mean())

    found = {"scores": {"psnr_hole": in_hole(made), "psnr_mean_image": in_hole(mean)}, "floors": {}}
    if name not in JUDGED:
        return found
    judge, features, count = kgan.metrics.Judge(name, output="logits"), kgan.metrics.Judge(name), len(images)
    fid = kgan.metrics.FrechetDistance(features, samples=count, split="train")

    def right(filled):
        return float((gan.in_batches(judge, filled).argmax(-1) == test.labels).mean())

    for kind, filled in (("scores", made), ("floors", images)):
        distance = kgan.metrics.floor(fid, train[:count], filled)
        found[kind] |= {"class_kept": right(filled), f"completed_{fid.name}": distance}
    found["scores"]["class_mean_image"] = right(mean)
    return found


if __name__ == "__main__":
    run(context_encoder, __doc__, SETTINGS, arguments, measure=measure)
