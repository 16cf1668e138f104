"""GAN: the cloud of samples hunts the 8 modes of a ring, and may settle on some of them, in half a minute to a minute
and a half on 2 cores.

    python recipes/gan.py                         # 8 Gaussians on a circle
    python recipes/gan.py --dataset grid          # 25 Gaussians
    python recipes/gan.py --packing 2             # a discriminator that judges two samples at once (PacGAN)
    python recipes/gan.py --dataset digits        # images, by the paper's fully connected players

runs/gan/samples shows the cloud as it moves. The modes that it covers at the end, of 8, and how evenly, are printed and
stand on the card: the plain game drops some of them in some runs (6 of 8 with seed 0, all 8 with seeds 1 and 2). That
is what the later variants cure (recipes/r3gan.py, recipes/wgan_gp.py).

Goodfellow et al., Generative Adversarial Networks, 2014, https://arxiv.org/abs/1406.2661
Lin et al., PacGAN: The power of two samples in generative adversarial networks, 2018, https://arxiv.org/abs/1712.04086
"""

import math

from kgan.runs import Reported, run

PACGAN = "[Lin 2018](https://arxiv.org/abs/1712.04086): 10 runs ± standard error, 400,000 iterations"
VEEGAN = "[Srivastava 2017](https://arxiv.org/abs/1705.07761): 5 runs"
REPORTED = Reported(
    "GAN",
    place=10,
    variations={"pacgan": ("GAN, packing 2", "--packing", "2")},
    published_fid={"mnist": "6.8 ± 0.5", "fashion_mnist": "26.5 ± 1.6"},
    published_rows={
        "ring": [
            ("GAN", "6.3 ± 0.5", "98.2 ± 0.2 %", "0.45 ± 0.09", PACGAN),
            ("PacGAN2", "7.9 ± 0.1", "95.6 ± 2.0 %", "0.07 ± 0.03", PACGAN),
            ("PacGAN4", "7.8 ± 0.1", "95.9 ± 1.4 %", "0.07 ± 0.02", PACGAN),
            ("VEEGAN", "8", "52.9 %", "", VEEGAN),
        ],
        "grid": [
            ("GAN", "17.3 ± 0.8", "94.8 ± 0.7 %", "0.70 ± 0.07", PACGAN),
            ("PacGAN2", "23.8 ± 0.7", "91.3 ± 0.8 %", "0.13 ± 0.04", PACGAN),
            ("PacGAN4", "24.8 ± 0.2", "93.6 ± 0.6 %", "0.04 ± 0.01", PACGAN),
            ("VEEGAN", "24.6", "40 %", "", VEEGAN),
        ],
    },
)
SETTINGS = {
    "ring": {"epochs": 37, "batch_size": 256},
    "points": {"epochs": 37, "batch_size": 256},
    "digits": {"size": 8, "epochs": 200, "batch_size": 50},
    "images": {"epochs": 40, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument(
        "--packing", type=int, default=1, help="samples that the discriminator judges at once (default 1)"
    )


def gan(task):
    import keras
    from keras import layers

    import kgan

    packing = task.options.packing
    if task.points:
        generator = kgan.networks.mlp(2, 2, units=8 * (128,), activation="leaky_relu")
        discriminator = kgan.networks.mlp(2 * packing, 1, units=3 * (128,), activation="leaky_relu")
    else:
        pixels = math.prod(task.shape)
        painter = kgan.networks.mlp(64, pixels, units=(256, 512), output_activation="tanh")
        judge = kgan.networks.mlp(packing * pixels, 1, units=(512, 256), activation="leaky_relu")
        generator = keras.Sequential([painter, layers.Reshape(task.shape)])
        discriminator = keras.Sequential(
            [keras.Input((*task.shape[:2], packing * task.shape[2])), layers.Flatten(), judge]
        )

    # For points the players, rates and average of recipes/r3gan.py, so that the two differ in the game alone; packs are
    # stable at half that rate.
    rate, momentum = (1e-3 / packing, 0.0) if task.points else (4e-4, 0.5)
    decay = keras.optimizers.schedules.CosineDecay(rate, task.steps)
    game = kgan.GAN(generator, discriminator, loss="non_saturating", packing=packing)
    game.compile(
        generator_optimizer=keras.optimizers.Adam(decay, beta_1=momentum, beta_2=0.99),
        discriminator_optimizer=keras.optimizers.Adam(decay, beta_1=momentum, beta_2=0.99),
        steps_per_execution=task.steps_per_execution,
    )
    game.keep_average(0.999)
    return game


if __name__ == "__main__":
    run(gan, __doc__, SETTINGS, arguments)
