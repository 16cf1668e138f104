import keras
from keras import layers, ops

CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
TRANSPOSED_CONVOLUTIONS = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
SUPPORTED = (layers.Dense, layers.Embedding) + CONVOLUTIONS + TRANSPOSED_CONVOLUTIONS


@keras.saving.register_keras_serializable(package="kgan")
class SpectralNormalization(layers.Wrapper):
    """Make a layer use W / sigma(W) in place of its kernel W, where sigma(W) is the largest singular value of W as a
    matrix.

    The kernel is reparametrised, not overwritten: the stored W is what the optimizer moves, and its gradient flows
    through sigma. (Keras' layer of this name overwrites W in the forward pass.) The bias stays as it is. With W as a
    matrix of (outputs, all else), a step of power iteration on the persistent vector u estimates

        v = W^T u / ||W^T u||,   u' = W v / ||W v||,   sigma = u'^T W v,   with u' and v held constant in the gradient.

    Every call takes `power_iterations` steps; only a call with `training=True` stores u'. The estimate starts low and
    is within a percent or so after some tens of training calls. A kernel of zeros is used as it is. sigma is computed
    in float32 under mixed precision too. u is a non-trainable weight, saved with the model.

    Args:
        layer: a `Dense`, `Embedding`, `Conv1D` to `Conv3D` or `Conv1DTranspose` to `Conv3DTranspose` layer, or a
            subclass that stays linear in its inputs up to bias and activation. Its inputs and outputs are those of this
            layer.
        power_iterations: int, at least 1. Steps of power iteration a call. Default 1, as in the paper.
        **kwargs: `name`, `trainable`, `dtype` of `keras.layers.Layer`. The dtype is that of `layer` unless given.

    Raises:
        ValueError: if `layer` is of another kind or `power_iterations` is not a positive int.

    Example:

    >>> layer = kgan.layers.SpectralNormalization(keras.layers.Conv2D(8, 3, padding="same", activation="leaky_relu"))
    >>> keras.ops.shape(layer(np.ones((2, 16, 16, 3)), training=True))
    (2, 16, 16, 8)

    Reference:
        Miyato et al., "Spectral Normalization for Generative Adversarial Networks", 2018, algorithm 1.
            https://arxiv.org/abs/1802.05957
    """

    def __init__(self, layer, power_iterations=1, **kwargs):
        if not isinstance(layer, SUPPORTED):
            kinds = ", ".join(kind.__name__ for kind in SUPPORTED)
            raise ValueError(
                f"SpectralNormalization needs a layer that is linear in its inputs, one of {kinds}: got {layer!r}."
            )
        if not isinstance(power_iterations, int) or power_iterations < 1:
            raise ValueError(f"power_iterations must be an int of at least 1: got {power_iterations!r}.")
        kwargs.setdefault("dtype", layer.dtype_policy)
        super().__init__(layer, **kwargs)
        self.power_iterations = power_iterations
        self.supports_masking = layer.supports_masking

    def build(self, input_shape=None):
        super().build(input_shape)
        self.u = self.add_weight(
            shape=(self._matrix().shape[0],),
            initializer=keras.initializers.RandomNormal(stddev=1.0),
            dtype=keras.backend.result_type(self.variable_dtype, "float32"),
            trainable=False,
            autocast=False,
            # Every replica holds the same kernel and so finds the same vector.
            aggregation="only_first_replica",
            name="u",
        )

    def call(self, inputs, training=None):
        sigma, u = self._largest_singular_value()
        if training:
            self.u.assign(u)
        # The layer is linear up to its bias, so (W / sigma) x = W (x / sigma): no need to lay a hand on its kernel. The
        # division is done in sigma's dtype because its gradient sums over all inputs, which is too much for half
        # precision.
        if isinstance(self.layer, layers.Embedding):
            return ops.cast(ops.cast(self.layer(inputs), sigma.dtype) / sigma, self.compute_dtype)
        return self.layer(ops.cast(inputs, sigma.dtype) / sigma)

    def compute_output_shape(self, input_shape):
        return self.layer.compute_output_shape(input_shape)

    def compute_mask(self, inputs, previous_mask=None):
        return self.layer.compute_mask(inputs, previous_mask)

    def get_config(self):
        return {**super().get_config(), "power_iterations": self.power_iterations}

    def _matrix(self):
        """The kernel as the layer applies it (under mixed precision a rounded one), as a matrix of (outputs,
        all else).
        """
        kernel = ops.convert_to_tensor(
            self.layer.embeddings if isinstance(self.layer, layers.Embedding) else self.layer.kernel
        )
        if isinstance(self.layer, TRANSPOSED_CONVOLUTIONS):
            # Stored as (..., outputs, inputs), unlike all others.
            kernel = ops.swapaxes(kernel, -1, -2)
        return ops.transpose(ops.reshape(kernel, (-1, kernel.shape[-1])))

    def _largest_singular_value(self):
        """`(sigma, u')`, of which only sigma has a gradient."""
        matrix = ops.cast(self._matrix(), self.u.dtype)
        constant, u = ops.stop_gradient(matrix), ops.convert_to_tensor(self.u)
        for _ in range(self.power_iterations):
            v, _ = _normalize(ops.matmul(u, constant))
            direction, length = _normalize(ops.matmul(constant, v))
            # After a kernel of zeros the search must be able to go on.
            u = ops.where(length > TINY, direction, u)
        sigma = ops.sum(u * ops.matmul(matrix, v))
        return ops.where(sigma > TINY, sigma, ops.ones_like(sigma)), u


TINY = 1e-12


def _normalize(vector):
    length = ops.sqrt(ops.sum(ops.square(vector)))
    return vector / ops.maximum(length, TINY), length
