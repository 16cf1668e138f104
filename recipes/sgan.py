"""SGAN: a classifier from a hundred labels, beside the same network without a generator, in minutes on 2 cores.

    python recipes/sgan.py                               # scikit-learn's digits at 28x28, 100 labels
    python recipes/sgan.py --dataset mnist --labels 50   # any TFDS data set of images with classes

Of the training images, as many as `--labels` keep their label, equally many of each class to within one; the rest are
unlabelled. At least one sample in sixteen of a batch is labelled: with more, the classifier learns those few by heart.
It learns twice as fast as the generator: one that is good at telling real from generated learns most from the
unlabelled images. Printed and kept on the card: accuracy on the test split, and that of the same network trained on the
labelled images alone.

Odena, Semi-Supervised Learning with Generative Adversarial Networks, 2016, https://arxiv.org/abs/1606.01583
"""

from kgan.runs import Reported, positive, run, test_split

# Of the classifier and of the generator.
RATE, GENERATOR_RATE = 1e-3, 5e-4
LABELLED = 16  # one in so many samples of a batch at least has its label
ODENA = "[Odena 2016](https://arxiv.org/abs/1606.01583), best of a search"
REPORTED = Reported(
    "SGAN",
    place=100,
    variations={
        "sgan_50": ("SGAN, 50 labels", "--labels", "50"),
        "sgan_25": ("SGAN, 25 labels", "--labels", "25"),
    },
    figures={"accuracy_": "accuracy on the test split"},
    published_figures={
        "accuracy_100_labels": f"0.928, {ODENA}",
        "accuracy_50_labels": f"0.883, {ODENA}",
        "accuracy_25_labels": f"0.802, {ODENA}",
        "accuracy_100_labels_without_generator": f"0.895, {ODENA}",
        "accuracy_50_labels_without_generator": f"0.859, {ODENA}",
        "accuracy_25_labels_without_generator": f"0.750, {ODENA}",
    },
)
SETTINGS = {
    "digits": {"size": 28, "epochs": 40, "batch_size": 64},
    "images": {"epochs": 4, "batch_size": 64},
}


def arguments(parser):
    parser.add_argument(
        "--labels", type=positive, default=100, help="how many training images keep their label (default 100)"
    )


def sgan(task):
    import keras

    import kgan

    task.test = test_split(task)
    task.data, task.labelled = with_few_labels(task.data, task.options.labels, task.options.seed)
    generator = kgan.networks.infogan_generator(task.shape, latent_dim=62, filters=32, hidden=512)
    gan = kgan.SGAN(generator, classifier(task, task.classes + 1))
    rates = (keras.optimizers.schedules.CosineDecay(rate, task.steps) for rate in (GENERATOR_RATE, RATE))
    gan.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for rate in rates))
    gan.keep_average(0.999)  # not in the paper: steadier samples and classes
    return gan


def classifier(task, outputs):
    import kgan

    return kgan.networks.infogan_discriminator(task.shape, filters=32, hidden=512, outputs=outputs)


def with_few_labels(data, count, seed):
    """The data with `count` labels, equally many of each class to within one, the rest -1; the labelled ones come again
    up to their share of a batch. And the indices of those."""
    import numpy as np

    import kgan

    classes, random = len(data.class_names), np.random.default_rng(seed)
    if count < classes:
        raise ValueError(f"--labels must be at least {classes}, one for each class, not {count}.")
    order = random.permutation(len(data.labels))
    quotas = count // classes + (random.permutation(classes) < count % classes)
    chosen = np.concatenate([order[data.labels[order] == label][:quota] for label, quota in enumerate(quotas)])
    labels = np.full(len(data.labels), -1)
    labels[chosen] = data.labels[chosen]
    often = np.resize(random.permutation(chosen), max(0, len(data.labels) // (LABELLED - 1) - count))
    images, labels = np.concatenate([data.images, data.images[often]]), np.concatenate([labels, data.labels[often]])
    batches = kgan.data.Batches(images, labels, batch_size=data.batch_size, seed=seed, class_names=data.class_names)
    batches.distinct = len(data.images)
    return batches, chosen


def measure(task, gan):
    """Accuracy on the test split, and that of the same network without a generator."""
    import keras

    import kgan

    test = task.test
    images = test.scale(test.images)
    alone = classifier(task, task.classes)
    rate = keras.optimizers.schedules.CosineDecay(RATE, 2000)
    alone.compile(
        keras.optimizers.Adam(rate, beta_1=0.5),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=False,
    )
    # Batches of one size, and others in each epoch: BatchNorm would learn the company that a sample is always in.
    count = len(task.labelled)
    labelled = kgan.data.Batches(
        task.data.images[task.labelled],
        task.data.labels[task.labelled],
        -(-count // -(-count // 32)),
        seed=task.options.seed,
    )
    anew = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: setattr(labelled, "epoch", epoch))
    alone.fit(labelled, epochs=2000 // len(labelled), shuffle=False, verbose=0, callbacks=[anew])
    accuracies = {
        f"accuracy_{task.options.labels}_labels": gan.classify(images) == test.labels,
        f"accuracy_{task.options.labels}_labels_without_generator": alone.predict(images, verbose=0).argmax(-1)
        == test.labels,
    }
    return {"scores": {name: float(right.mean()) for name, right in accuracies.items()}, "floors": {}}


if __name__ == "__main__":
    run(sgan, __doc__, SETTINGS, arguments, takes="labels", measure=measure)
