"""InfoGAN's players: two convolutions and a wide hidden layer behind them, for images of any height, width and number
of channels.
"""

import keras
from keras import layers

from kgan.networks.dcgan import crop, through


def infogan_generator(image_shape, latent_dim=74, filters=64, hidden=1024, classes=None, name="generator"):
    """InfoGAN's generator for MNIST: a hidden layer, a picture of a quarter of the size, two transposed convolutions of
    stride 2, tanh at the end.

    Args:
        image_shape: `(height, width, channels)`, any of them.
        latent_dim: width of the latent, codes included (default the paper's 62 + 10 + 2).
        filters: channels before the last layer; twice as many before that.
        hidden: width of the hidden layer (default the paper's 1024).
        classes: of the labels, for conditional games. None for all others.
        name: name of the model.

    Returns:
        `keras.Sequential` of latents `(batch, latent_dim)` to images `(batch, height, width, channels)` in [-1, 1].
        With `classes` a `keras.Model` of `[latents, labels]`, int32 `(batch,)`: the class stands beside the latent,
        one-hot, as InfoGAN's categorical code does.

    Departs from the paper: a tanh at the end, for images in [-1, 1] (the authors' are in [0, 1] and end in a sigmoid);
    Keras' initial weights and BatchNorm's epsilon of 1e-3, with which all figures here were made (the authors' code has
    N(0, 0.02^2) and 1e-5).

    Reference: Chen et al., InfoGAN, 2016, appendix C.1, https://arxiv.org/abs/1606.03657
    """
    height, width, channels = image_shape
    rows, columns = -(-height // 4), -(-width // 4)
    stack = [
        *(layers.Dense(hidden, use_bias=False), _norm(), layers.ReLU()),
        *(
            layers.Dense(rows * columns * 2 * filters, use_bias=False),
            _norm(),
            layers.ReLU(),
            layers.Reshape((rows, columns, 2 * filters)),
        ),
        *(layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=False), _norm(), layers.ReLU()),
        *(
            layers.Conv2DTranspose(channels, 4, 2, "same", activation="tanh"),
            *crop((4 * rows, 4 * columns), (height, width)),
        ),
    ]
    if classes is None:
        return keras.Sequential([keras.Input((latent_dim,)), *stack], name=name)
    latents, labels = keras.Input((latent_dim,), name="latent"), keras.Input((), dtype="int32", name="label")
    one_hot = layers.Embedding(classes, classes, embeddings_initializer="identity", trainable=False)(labels)
    return keras.Model([latents, labels], through(stack, layers.Concatenate()([latents, one_hot])), name=name)


def infogan_discriminator(
    image_shape, filters=64, hidden=1024, outputs=1, heads=(), head_hidden=None, name="discriminator"
):
    """InfoGAN's discriminator for MNIST: two convolutions of stride 2 and a hidden layer, one logit at the end.

    Args:
        image_shape: `(height, width, channels)`, any of them.
        filters: channels after the first convolution; twice as many after the second.
        hidden: width of the hidden layer (default the paper's 1024).
        outputs: how many logits, of the form without `heads`: N + 1 for SGAN.
        heads: widths of further outputs that share the hidden layer, such as `(10, 2)` for a categorical and two
            continuous codes.
        head_hidden: width of a hidden layer that the heads share and the logit does not (the paper's Q has 128). None
            for no such layer.
        name: name of the model.

    Returns:
        `keras.Sequential` of images `(batch, height, width, channels)` to logits `(batch, outputs)`; with `heads` a
        `keras.Model` to `[logit, *heads]`.

    Departs from the paper: initial weights and epsilon as in `infogan_generator`.

    Reference: Chen et al., InfoGAN, 2016, appendix C.1, https://arxiv.org/abs/1606.03657
    """
    body = [
        *(layers.Conv2D(filters, 4, 2, "same"), layers.LeakyReLU(0.1)),
        *(layers.Conv2D(2 * filters, 4, 2, "same", use_bias=False), _norm(), layers.LeakyReLU(0.1), layers.Flatten()),
        *(layers.Dense(hidden, use_bias=False), _norm(), layers.LeakyReLU(0.1)),
    ]
    if not heads:
        return keras.Sequential([keras.Input(image_shape), *body, layers.Dense(outputs)], name=name)
    images = keras.Input(image_shape, name="image")
    features = through(body, images)
    read = (
        features
        if head_hidden is None
        else through([layers.Dense(head_hidden, use_bias=False), _norm(), layers.LeakyReLU(0.1)], features)
    )
    return keras.Model(images, [layers.Dense(1)(features), *(layers.Dense(width)(read) for width in heads)], name=name)


def _norm():
    return layers.BatchNormalization(momentum=0.9)
