import keras
from keras import ops

from kgan.engine import input_gradient, own_share
from kgan.losses.adversarial_loss import check_same_shape

POINTS = ("interpolates", "real", "generated")


def gradient_penalty(critic, real, fake, seed=None, one_sided=False, squared=True, at="interpolates"):
    """WGAN-GP's penalty: the critic's gradient should have norm 1, by default between a real and a generated sample.

    Per sample, with one epsilon ~ U[0, 1) each and x^ = epsilon x + (1 - epsilon) G(z):

        (||grad_x^ D(x^)||_2 - 1)^2,   or one-sided   max(0, ||grad_x^ D(x^)||_2 - 1)^2
        not squared   | ||grad_x^ D(x^)||_2 - 1 |,   or one-sided   max(0, ||grad_x^ D(x^)||_2 - 1)

    The norm is over all of a sample's values. D(x^) is the mean of the sample's logits, which is how the losses judge a
    patch map. The caller weighs it (the paper's lambda is 10, for the square).

    Args:
        critic: callable from images to logits `(batch, ...)`; a model, or `lambda x: model(x, training=True)`. Without
            batch normalisation, which would let one sample's logit depend on another's pixels.
        real: x, `(batch, ...)`, floating.
        fake: G(z), the same shape.
        seed: `keras.random.SeedGenerator`, int or None. An int draws the same epsilons at every call.
        one_sided: bool. Whether norms below 1 are free, which is all that the Lipschitz bound asks for. Default False,
            the paper's choice.
        squared: bool. Whether the excess is squared. Default True, the paper's choice; False pushes as hard against a
            small excess as against a large one.
        at: where the gradient is taken, x^ above: `"interpolates"` (default, the paper's choice), `"real"` (x^ = x) or
            `"generated"` (x^ = G(z)).

    Returns:
        float32 `(batch,)`.

    Raises:
        ValueError: if the shapes of `real` and `fake` differ, or `at` is another word.

    Example:

    >>> penalty = kgan.losses.gradient_penalty(lambda x: 4.0 * x, np.zeros((2, 1)), np.ones((2, 1)), seed=0)
    >>> keras.ops.convert_to_numpy(penalty)
    array([9., 9.], dtype=float32)

    Reference:
        Gulrajani et al., "Improved Training of Wasserstein GANs", 2017, algorithm 1. https://arxiv.org/abs/1704.00028
    """
    if at not in POINTS:
        raise ValueError(f"`at` is 'interpolates', 'real' or 'generated', not {at!r}.")
    check_same_shape("real", real, "fake", fake)
    real, fake = ops.cast(real, "float32"), ops.cast(fake, "float32")
    if at == "interpolates":
        epsilon = _one_uniform_per_sample(real, seed)
        points = epsilon * real + (1.0 - epsilon) * fake
    else:
        points = real if at == "real" else fake
    excess = _gradient_norm(critic, points) - 1.0
    excess = ops.relu(excess) if one_sided else excess
    return ops.square(excess) if squared else ops.abs(excess)


def dragan_penalty(critic, real, seed=None, scale=0.5):
    """DRAGAN's penalty: the discriminator's gradient should have norm 1 around the real samples.

    Per sample, with delta = scale std(x) u, where u ~ U[0, 1) for every value and std is taken over the whole batch,
    and one alpha ~ U[0, 1) a sample:

        (||grad D(x + alpha delta)||_2 - 1)^2

    The norm is over all of a sample's values, and D is the mean of the sample's logits. The caller weighs it (the
    paper's lambda is 10).

    Args:
        critic: callable from images to logits `(batch, ...)`.
        real: x, `(batch, ...)`, floating.
        seed: `keras.random.SeedGenerator`, int or None. An int draws the same noise at every call.
        scale: float. Size of the noise in standard deviations of the data. Default 0.5, as in the authors' code.

    Returns:
        float32 `(batch,)`.

    Example:

    >>> penalty = kgan.losses.dragan_penalty(lambda x: 4.0 * x, np.ones((2, 1)), seed=0)
    >>> keras.ops.convert_to_numpy(penalty)
    array([9., 9.], dtype=float32)

    Reference:
        Kodali et al., "On Convergence and Stability of GANs", 2017. https://arxiv.org/abs/1705.07215
    """
    real = ops.cast(real, "float32")
    # With the same int for both draws, alpha would be a copy of the first noise values.
    alpha = _one_uniform_per_sample(real, seed + 1 if isinstance(seed, int) else seed)
    noise = (
        scale
        * ops.std(real)
        * own_share(real, lambda count: keras.random.uniform((count, *ops.shape(real)[1:]), seed=seed))
    )
    return ops.square(_gradient_norm(critic, real + alpha * noise) - 1.0)


def zero_centered_penalty(critic, inputs):
    """The squared norm of the critic's gradient: R1 where the inputs are real, R2 where they are generated.

    Per sample: ||grad_x D(x)||^2, summed over all of a sample's values. D is the mean of the sample's logits. The
    caller weighs it (gamma / 2 in the papers).

    Args:
        critic: callable from images to logits `(batch, ...)`.
        inputs: x or G(z), `(batch, ...)`, floating.

    Returns:
        `(logits, penalty)`: what the critic returned for the inputs, so that the adversarial loss needs no second
        forward pass, and float32 `(batch,)`.

    Example:

    >>> logits, penalty = kgan.losses.zero_centered_penalty(lambda x: 3.0 * x, np.ones((2, 1)))
    >>> keras.ops.convert_to_numpy(penalty)
    array([9., 9.], dtype=float32)

    References:
        Mescheder et al., "Which Training Methods for GANs do actually Converge?", 2018.
            https://arxiv.org/abs/1801.04406
        Huang et al., "The GAN is dead; long live the GAN!" (R3GAN), 2024. https://arxiv.org/abs/2501.05441
    """
    logits, gradient = _score_gradient(critic, ops.cast(inputs, "float32"))
    return logits, _squared_norm(gradient)


def _gradient_norm(critic, inputs):
    _, gradient = _score_gradient(critic, inputs)
    # The square root has an infinite slope at 0: one sample without a gradient would turn the whole update into NaN.
    return ops.sqrt(_squared_norm(gradient) + 1e-12)


def _score_gradient(critic, inputs):
    logits, gradient = input_gradient(critic, inputs)
    judgements = 1
    for size in ops.shape(logits)[1:]:
        judgements = judgements * size
    return logits, ops.cast(gradient, "float32") / ops.cast(judgements, "float32")


def _squared_norm(gradient):
    return ops.sum(ops.square(gradient), axis=tuple(range(1, len(gradient.shape))))


def _one_uniform_per_sample(images, seed):
    ones = (1,) * (len(images.shape) - 1)
    return own_share(images, lambda count: keras.random.uniform((count, *ones), seed=seed))
