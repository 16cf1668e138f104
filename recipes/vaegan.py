"""VAE-GAN: an auto-encoder whose images are sharp because a discriminator looks at them, in minutes on 2 cores.

    python recipes/vaegan.py                      # scikit-learn's digits at 28x28, no download
    python recipes/vaegan.py --dataset mnist      # any TFDS image data set, or a folder of images
    python recipes/vaegan.py --vae                # the same encoder and generator as a plain VAE

runs/vaegan/reconstructions.png has test images above what becomes of them. Printed and kept on the card: the share of
test images whose reconstruction the judge still takes for the same class.

Larsen et al., Autoencoding beyond pixels using a learned similarity metric, 2016, https://arxiv.org/abs/1512.09300
"""

from kgan.runs import JUDGED, Reported, run, save_pairs, test_split

REPORTED = Reported(
    "VAEGAN",
    place=160,
    variations={"vae": ("VAE of the same networks", "--vae")},
    figures={
        "class_kept": "reconstructions of the same class",
        "pixel_error": "squared error of a reconstructed pixel",
    },
    less=("pixel_error",),
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 80, "batch_size": 32},
    "images": {"epochs": 6, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument(
        "--vae", action="store_true", help="without the discriminator: its share of the generator's loss is 0"
    )


def vaegan(task):
    import keras

    import kgan

    networks, latent_dim = kgan.networks, 32
    players = networks.dcgan_encoder(task.shape, latent_dim, 32), networks.dcgan_generator(task.shape, latent_dim, 32)
    gan = kgan.VAEGAN(*players, networks.dcgan_discriminator(task.shape, filters=32))
    rate = keras.optimizers.schedules.CosineDecay(5e-4, task.steps)
    gan.compile(
        **{f"{player}_optimizer": keras.optimizers.Adam(rate, beta_1=0.5) for player in gan.players},
        reconstruction_weight=1.0 if task.options.vae else 0.02,
        adversarial_weight=0.0 if task.options.vae else 1.0,
    )
    gan.keep_average(0.999)
    return gan


def measure(task, gan):
    """Reconstructions of test images, as a picture and by the judge."""
    import numpy as np

    import kgan

    if task.options.dataset not in JUDGED:
        return {"scores": {}, "floors": {}}
    test = test_split(task)
    images = test.scale(test.images)
    rebuilt = gan.reconstruct(images)
    save_pairs(images, rebuilt, task.out / "reconstructions.png")
    judge = kgan.metrics.Judge(task.options.dataset, output="logits")
    same = gan.in_batches(judge, images).argmax(-1) == gan.in_batches(judge, rebuilt).argmax(-1)
    return {
        "scores": {"class_kept": float(same.mean()), "pixel_error": float(np.square(images - rebuilt).mean())},
        "floors": {},
    }


if __name__ == "__main__":
    run(vaegan, __doc__, SETTINGS, arguments, measure=measure)
