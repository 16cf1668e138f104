"""Small networks that judge what a game made: classifiers of classes and of domains, and what reads sources off
targets."""

STEPS, BATCH, RATE, FILTERS = 1000, 64, 3e-3, 16


def classifier(shape, classes, filters=32, mirror=False, varied=False):
    """A classifier of images in [-1, 1], and the same behind its augmentation, to train.

    Four convolutions with BatchNorm and a mean over positions; the layer before the logits, `features`, has `4 filters`
    values of at least 0. In training images are shifted by up to 7 %, with `mirror` reflected, and with `varied` turned
    by up to 18 degrees and made larger or smaller by up to a fifth. All by whole pixels: interpolation would blur them,
    and how sharp it is tells one domain from another.
    """
    import keras
    from keras import layers

    moved = {"fill_mode": "constant", "fill_value": -1.0, "interpolation": "nearest"}
    augmentation = [layers.RandomTranslation(0.07, 0.07, **moved, seed=1)]
    if varied:
        augmentation += [layers.RandomRotation(0.05, **moved, seed=3), layers.RandomZoom(0.2, 0.2, **moved, seed=4)]
    augmentation += [layers.RandomFlip("horizontal", seed=2)] if mirror else []
    stack = []
    for width, pool in ((filters, True), (2 * filters, False), (2 * filters, True), (4 * filters, False)):
        stack += [
            layers.Conv2D(width, 3, padding="same", use_bias=False),
            layers.BatchNormalization(momentum=0.95),
            layers.ReLU(),
        ]
        stack += [layers.MaxPooling2D()] if pool else []
    outputs = [layers.GlobalAveragePooling2D(name="features"), layers.Dense(classes, name="logits")]
    judge = keras.Sequential([keras.Input(shape), *stack, *outputs])
    return judge, keras.Sequential([keras.Input(shape), *augmentation, judge])


def trained(images, labels, seed=0, steps=None, varied=False):
    """A classifier of these images, trained for about so many steps of 64, in half a minute on 2 cores.

    Args:
        images: array `(n, height, width, channels)` as `Batches` takes it.
        labels: int array `(n,)`.
        seed: fixes the weights and the orders.
        steps: default 1000.
        varied: whether images are also turned and zoomed in training.
    """
    import keras

    keras.utils.set_random_seed(seed)
    judge, training = classifier(images.shape[1:], int(labels.max()) + 1, FILTERS, varied=varied)
    learn(training, images, labels, keras.losses.SparseCategoricalCrossentropy(from_logits=True), seed, steps)
    return judge


def reader(targets, sources, seed=0, steps=None):
    """A network that reads the sources off the targets of pairs, as is done with photographs and their label maps; its
    outputs are features `(batch, 64)` and sources.

    Args:
        targets, sources: arrays `(n, height, width, channels)` as `Batches` takes them.
        seed, steps: as in `trained`.
    """
    import keras
    from keras import layers

    keras.utils.set_random_seed(seed)
    images = tensor = keras.Input(targets.shape[1:])
    for filters in (16, 32, 64):
        tensor = layers.BatchNormalization(momentum=0.9)(layers.Conv2D(filters, 4, 2, "same")(tensor))
        tensor = layers.ReLU()(tensor)
    features = layers.GlobalAveragePooling2D()(tensor)
    for filters in (32, 16):
        tensor = layers.Conv2DTranspose(filters, 4, 2, "same")(tensor)
        tensor = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(tensor))
    read = layers.Conv2DTranspose(sources.shape[-1], 4, 2, "same", activation="tanh")(tensor)
    extra = [made - side for made, side in zip(read.shape[1:3], sources.shape[1:3])]
    read = layers.Cropping2D([(0, more) for more in extra])(read)
    learn(keras.Model(images, read), targets, sources, "mean_absolute_error", seed, steps)
    return keras.Model(images, [features, read])


def learn(network, inputs, outputs, loss, seed, steps=None):
    """Train a network for about so many steps."""
    import keras

    from kgan.data import Batches

    data = Batches(inputs, outputs, batch_size=min(BATCH, len(inputs)), seed=seed)
    epochs = -(-(steps or STEPS) // len(data))
    rate = keras.optimizers.schedules.CosineDecay(RATE, epochs * len(data))
    network.compile(keras.optimizers.Adam(rate), loss, jit_compile=False)
    network.fit(data, epochs=epochs, shuffle=False, verbose=0)


class DomainJudges:
    """What classes and what domain images show, by classifiers of a data set's own training images.

    A class is judged by a classifier that saw the images of one domain alone, so that a translation into this domain
    has to look as its images do; it saw them turned and zoomed, too, so that it reads what the few hands of the set did
    not write. The domain is judged by one that saw all of them, as they are: how they slant may be what tells them.

    Args:
        data: `Batches` of domains with `labels_by_domain`.
        test: `Batches` of the same domains, held out.
        seed: fixes the classifiers.
    """

    def __init__(self, data, test, seed=0):
        import keras
        import numpy as np

        self.domains, self.of_classes, self.real = list(data.images), {}, {}
        for domain, images in data.images.items():
            judge = trained(images, data.labels_by_domain[domain], seed, varied=True)
            self.of_classes[domain] = keras.Model(judge.inputs, [judge.get_layer("features").output, *judge.outputs])
            self.real[domain], _ = self.read(test.scale(test.images[domain]), domain)
        self.of_domains = None
        if len({images.shape[1:] for images in data.images.values()}) == 1:
            # As many of each, so that none is guessed.
            fewest = min(len(images) for images in data.images.values())
            shown = np.concatenate([images[:fewest] for images in data.images.values()])
            self.of_domains = trained(shown, np.repeat(np.arange(len(self.domains)), fewest), seed)

    def read(self, images, domain):
        """Features and classes of images, in [-1, 1], by the classifier of a domain."""
        features, logits = self.of_classes[domain].predict(images, 500, verbose=0)
        return features, logits.argmax(1)

    def scores(self, images, labels, domain):
        """Of images, in [-1, 1]: the share that keep their class, their Fréchet distance to real images of the domain,
        and, where domains have one shape, the share that are taken for ones of it.
        """
        import numpy as np

        import kgan

        features, classes = self.read(images, domain)
        found = {
            "class_kept": float(np.mean(classes == labels)),
            "frechet": kgan.metrics.frechet_distance(self.real[domain], features),
        }
        if self.of_domains is not None:
            taken = self.of_domains.predict(images, 500, verbose=0).argmax(1)
            found["read_as"] = float(np.mean(taken == self.domains.index(domain)))
        return found
