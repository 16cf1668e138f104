"""BiGAN: an encoder that comes to be the generator's inverse though nothing asks for it, in minutes on 2 cores.

    python recipes/bigan.py                       # scikit-learn's digits at 28x28, no download
    python recipes/bigan.py --dataset mnist       # any TFDS image data set, or a folder of images

runs/bigan/reconstructions.png has test images above G(E(x)). Printed and kept on the card: accuracy of the nearest
training neighbour in the space before the encoder's output, as in the paper, and the share of test images whose class
the reconstruction keeps, each beside the same of the untrained encoder.

Donahue, Krähenbühl, Darrell, Adversarial Feature Learning, 2017, https://arxiv.org/abs/1605.09782
"""

from kgan.runs import JUDGED, Reported, run, save_pairs, test_split

REPORTED = Reported(
    "BiGAN",
    place=170,
    figures={
        "nearest_neighbour_accuracy": "1-NN accuracy before the encoder's output",
        "class_kept": "reconstructions of the same class",
    },
    published_figures={
        "nearest_neighbour_accuracy": "0.974, [Donahue 2017](https://arxiv.org/abs/1605.09782), 400 epochs"
    },
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 100, "batch_size": 32},
    "images": {"epochs": 40, "batch_size": 128},
}
LATENT_DIM, WIDTH = 50, 512


def bigan(task):
    import math

    import keras
    from keras import layers

    import kgan

    # The paper's players for MNIST are fully connected; half as wide here.
    def dense(width, activation="leaky_relu", norm=True):
        stack = [layers.Dense(width, use_bias=not norm), *([layers.BatchNormalization(momentum=0.9)] if norm else [])]
        return [*stack, layers.LeakyReLU(0.2) if activation == "leaky_relu" else layers.ReLU()]

    pixels = math.prod(task.shape)
    # Codes get the latents' mean and deviation; while they are narrower, the discriminator knows a generator's pair by
    # its latent alone.
    normal = layers.BatchNormalization(center=False, scale=False, momentum=0.9)
    encoder = keras.Sequential(
        [
            keras.Input(task.shape),
            layers.Flatten(),
            *dense(WIDTH, norm=False),
            *dense(WIDTH),
            layers.Dense(LATENT_DIM),
            normal,
        ]
    )
    generator = keras.Sequential(
        [
            keras.Input((LATENT_DIM,)),
            *dense(WIDTH, "relu"),
            *dense(WIDTH, "relu"),
            layers.Dense(pixels, "tanh"),
            layers.Reshape(task.shape),
        ]
    )
    task.untrained = keras.models.clone_model(encoder)
    gan = kgan.BiGAN(encoder, generator, kgan.networks.pair_discriminator(task.shape, LATENT_DIM, units=(WIDTH, WIDTH)))
    rate = keras.optimizers.schedules.CosineDecay(4e-4, task.steps)
    gan.compile(
        generator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
        discriminator_optimizer=keras.optimizers.Adam(rate, beta_1=0.5),
    )
    gan.keep_average(0.999)  # not in the paper: steadier samples
    return gan


def measure(task, gan):
    """1-NN accuracy of the encoder's hidden layer and classes that reconstructions keep, for the trained and for the
    untrained encoder.
    """
    import keras
    from sklearn.neighbors import KNeighborsClassifier

    import kgan

    if task.options.dataset not in JUDGED:
        return {"scores": {}, "floors": {}}
    test, judge = test_split(task), kgan.metrics.Judge(task.options.dataset, output="logits")
    train = labelled_train(task)
    images, rebuilt = test.scale(test.images), gan.reconstruct(test.scale(test.images))
    save_pairs(images, rebuilt, task.out / "reconstructions.png")
    classes, scores = gan.in_batches(judge, images).argmax(-1), {}
    for kind, encoder in {"": gan.served("encoder"), "_untrained": task.untrained}.items():
        hidden = keras.Model(encoder.inputs[0], encoder.layers[-3].output)

        def features(samples, hidden=hidden):
            return gan.in_batches(lambda batch: hidden(batch, training=False), samples)

        neighbour = KNeighborsClassifier(1).fit(features(train.scale(train.images)), train.labels)
        scores[f"nearest_neighbour_accuracy{kind}"] = (neighbour.predict(features(images)) == test.labels).mean()
        codes = gan.in_batches(lambda batch, encoder=encoder: encoder(batch, training=False), images)
        scores[f"class_kept{kind}"] = (gan.in_batches(judge, gan.generate(latents=codes)).argmax(-1) == classes).mean()
    return {"scores": {name: float(value) for name, value in scores.items()}, "floors": {}}


def labelled_train(task):
    """The training split with its labels."""
    import kgan

    if task.options.dataset == "digits":
        return kgan.data.digits(task.shape[0], labels=True)
    return kgan.data.load(task.options.dataset, labels=True, data_dir=task.options.data_dir)


if __name__ == "__main__":
    run(bigan, __doc__, SETTINGS, measure=measure)
