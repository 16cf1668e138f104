import inspect

import keras
from keras import ops

from kgan.engine.registered import Registered


class AdversarialLoss(Registered):
    """What the two players of a game want: one loss for the discriminator, one for the generator.

    A subclass writes element-wise functions of float32 logits, where `real = D(x)` and `fake = D(G(z))`:
    `_generator(fake, real)`, and either `_discriminator(real, fake)` or, where that is a sum of what it says of each
    alone, its parts `_real(real)` and `_generated(fake)`. This class casts the logits, checks their shapes, and
    averages each sample's map of judgements.

    Logits are `(batch, 1)`, `(batch,)`, or a patch map `(batch, height, width, 1)`, of any floating dtype and any size;
    a sigmoid is never applied before. A loss is float32 and has one value per sample, shape `(batch,)`, to be reduced
    once, by whoever trains.

    `discriminator` adds what it says of the i-th real and of the i-th generated sample, so both batches must be of the
    same size.

    Attributes:
        paired: bool. Whether the generator's loss compares generated with real samples and so needs `real_logits`.
        threshold: logit above which the discriminator takes a sample for real, by default 0; None where logits are
            scores that mean something only beside each other.

    Example:

    >>> loss = kgan.losses.Wasserstein()
    >>> keras.ops.convert_to_numpy(loss.discriminator(np.array([[3.0], [1.0]]), np.array([[1.0], [2.0]])))
    array([-2.,  1.], dtype=float32)
    """

    paired = False
    threshold = 0.0

    def __new__(cls, *args, **kwargs):
        loss = super().__new__(cls)
        loss._given = args, kwargs
        return loss

    def __init__(self):
        """Nothing to keep; a subclass may take what it likes."""

    def discriminator(self, real_logits, fake_logits):
        """The discriminator's loss.

        Args:
            real_logits: D(x), `(batch, ...)`.
            fake_logits: D(G(z)), the same shape.

        Returns:
            float32 `(batch,)`.

        Raises:
            ValueError: if the two shapes differ, which would broadcast one sample against all others.
        """
        check_same_shape("real_logits", real_logits, "fake_logits", fake_logits)
        return per_sample(self._discriminator(ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")))

    def generator(self, fake_logits, real_logits=None):
        """The generator's loss.

        Args:
            fake_logits: D(G(z)), `(batch, ...)`.
            real_logits: D(x), the same shape; needed if `paired`, else not looked at.

        Returns:
            float32 `(batch,)`.

        Raises:
            ValueError: if `paired` and `real_logits` is missing or of another shape.
        """
        if not self.paired:
            return per_sample(self._generator(ops.cast(fake_logits, "float32"), None))
        if real_logits is None:
            raise ValueError(
                f"{type(self).__name__}.generator compares generated with real samples: pass real_logits=D(x) beside "
                f"fake_logits."
            )
        check_same_shape("real_logits", real_logits, "fake_logits", fake_logits)
        return per_sample(self._generator(ops.cast(fake_logits, "float32"), ops.cast(real_logits, "float32")))

    def generated(self, fake_logits):
        """What the discriminator's loss says of generated (or mismatched) samples alone.

        Args:
            fake_logits: D(G(z)), `(batch, ...)`.

        Returns:
            float32 `(batch,)`.
        """
        return per_sample(self._generated(ops.cast(fake_logits, "float32")))

    @property
    def in_parts(self):
        """Whether the discriminator's loss is a sum of what it says of real and of generated samples."""
        return type(self)._generated is not AdversarialLoss._generated

    def _discriminator(self, real, fake):
        return self._real(real) + self._generated(fake)

    def _real(self, real):
        raise NotImplementedError(
            f"{type(self).__name__} must define _discriminator(real, fake), or _real(real) and _generated(fake)."
        )

    def _generated(self, fake):
        raise NotImplementedError(f"{type(self).__name__} must define _generated(fake) beside _real(real).")

    def _generator(self, fake, real):
        raise NotImplementedError(f"{type(self).__name__} must define _generator(fake, real).")

    def get_config(self):
        """The arguments of the constructor: as the loss keeps them under their names, else as they were given.

        Raises:
            NotImplementedError: a constructor whose arguments have no names.
        """
        positional, named = self._given
        given = inspect.signature(self.__init__).bind(*positional, **named)
        given.apply_defaults()
        config = {}
        for parameter in given.signature.parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise NotImplementedError(
                    f"{type(self).__name__} takes `{parameter.name}` by position only, and what is saved has names: "
                    "give the argument a name, or override `get_config` and `from_config`."
                )
            value = given.arguments[parameter.name]
            if parameter.kind is parameter.VAR_KEYWORD:
                config |= value
            else:
                config[parameter.name] = vars(self).get(parameter.name, value)
        return config

    @classmethod
    def from_config(cls, config):
        return cls(**{name: keras.saving.deserialize_keras_object(value) for name, value in config.items()})


def per_sample(values):
    """Average over all axes but the first: `(batch, ...)` to `(batch,)`."""
    axes = tuple(range(1, len(values.shape)))
    # A mean over no axes is the identity on one backend and a mean over everything on another.
    return ops.mean(values, axis=axes) if axes else values


def check_same_shape(first_name, first, second_name, second):
    """Raise a `ValueError` unless the known dimensions of two tensors agree."""
    first_shape, second_shape = tuple(first.shape), tuple(second.shape)
    agree = len(first_shape) == len(second_shape) and all(
        a is None or b is None or a == b for a, b in zip(first_shape, second_shape)
    )
    if not agree:
        raise ValueError(
            f"{first_name} and {second_name} must have the same shape: got {first_shape} and {second_shape}."
        )
