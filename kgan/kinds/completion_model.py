"""Games whose generator completes images, learned from whole ones."""

import numbers

import keras
import numpy as np
from keras import ops

from kgan.engine.adversarial_model import AdversarialModel
from kgan.engine.backend import own_share
from kgan.engine.guards import alike, check_samples
from kgan.kinds import holes
from kgan.kinds.guards import alone, shape_of


class CompletionModel(AdversarialModel):
    """A game with a `generator` that makes whole images of incomplete ones: what one does with it, trained.

    Batches are whole images; a step makes a hole in each, by the law `hole`. The generator is given the image, 0 (the
    middle of the range) where pixels are missing, and as one channel more the mask, 1 there: so it serves holes of any
    shape and place. Of what it makes the hole is taken; all other pixels stay as they were given. What lies under a
    mask, NaN or garbage, is never read.

    Args:
        networks, seed, name: as in `AdversarialModel`.
        hole: `(height, width)` of a rectangle at a place of its own in each image; a law of holes, such as
            `kgan.kinds.Rectangle(14, 14, place="center")` or `kgan.kinds.Masks(masks)`; None for half of each side.
    """

    def __init__(self, networks, hole=None, seed=None, name=None):
        super().__init__(networks, seed=seed, name=name)
        taken, made = shape_of(self.generator, "input"), shape_of(self.generator, "output")
        if len(made) != 4 or not alike(taken, (*made[:3], made[3] + 1)):
            channels = made[-1] if len(made) == 4 else "channels"
            raise ValueError(
                f"The generator of a {type(self).__name__} takes images and their mask, a channel more, and makes "
                f"images of that size, but this one turns {taken} into {made}: build it as "
                f"`kgan.networks.unet((height, width, {channels} + 1), channels={channels})` is."
            )
        self.hole = holes.get(hole, made[1:3])

    def samples(self, data):
        """The images of a batch, float32."""
        return ops.cast(keras.utils.unpack_x_y_sample_weight(data)[0], "float32")

    def masks(self, images):
        """A hole for each image of a batch, float32 `(batch, height, width, 1)`, 1 where pixels are missing; in an
        evaluation the same ones each time.
        """
        _, height, width, _ = ops.shape(images)
        return own_share(images, lambda count: self.hole.draw(count, height, width, self.random))

    def seen(self, images, masks):
        """What the generator is given: images without what is in their holes, and the masks, one channel more."""
        missing = masks > 0.5
        return ops.concatenate([ops.where(missing, 0.0, images), ops.cast(missing, "float32")], axis=-1)

    def completed(self, images, masks, made):
        """Images with what was made in their holes."""
        return ops.where(masks > 0.5, made, images)

    def check_batch(self, batch):
        images = alone(batch, self, "learns from images alone, and makes the holes itself")
        check_samples(images, self.generator.output_shape)
        self.hole.check(*images.shape[1:3])
        self.check_size(images.shape)

    def check_size(self, shape):
        """Raise where the generator makes images of another shape of such of this."""
        made = self.generator.compute_output_shape((*shape[:3], shape[3] + 1))
        if tuple(made[1:]) != tuple(shape[1:]):
            raise ValueError(
                f"The generator makes images of shape {tuple(made[1:])} of such of {tuple(shape[1:])}: give it sides "
                "that it returns, or a generator that pads and crops, as `kgan.networks.unet` does."
            )

    def inpaint(self, images, masks, blend=0, batch_size=32):
        """Images whose holes are filled, in inference mode; the state of training does not change.

        Args:
            images: array `(n, height, width, channels)`, float32 in [-1, 1]; what lies under the masks is not looked
                at, and may be NaN.
            masks: array `(n, height, width)` or `(n, height, width, 1)`, or one `(height, width)` for all; bool, or 0
                and 1. True where pixels are missing.
            blend: how many pixels of a hole, from its border on, are moved so that they meet what is given: what the
                generator gets wrong of the nearest given pixel is added to them, less and less until there is nothing
                left. Default 0: what the generator makes, as it is.
            batch_size: how many are computed at a time.

        Returns:
            numpy float32 array `(n, height, width, channels)` in [-1, 1]; pixels outside of the holes are those given,
            to the last bit.

        Raises:
            ValueError: masks that do not fit, of other values than 0 and 1, or that cover all of an image or nothing;
                images of another shape, outside [-1, 1], or not finite where they are given; no images; a `blend` that
                is no whole number of at least 0.
        """
        if not isinstance(blend, numbers.Integral) or blend < 0:
            raise ValueError(f"`blend` is a number of pixels, whole and at least 0, not {blend!r}.")
        images, shape = np.asarray(images), self.generator.output_shape
        if not len(images) or not alike(images.shape, shape):
            check_samples(images, shape, f"{type(self).__name__}.inpaint")
        missing = holes.as_masks(masks, images.shape)
        self.check_finite_outside(images, missing, np.ndim(masks))
        images = np.where(missing, images.dtype.type(0), images)
        check_samples(images, shape, f"{type(self).__name__}.inpaint")
        self.check_size(images.shape)
        images = images.astype("float32", copy=False)
        seen = np.concatenate([images, missing.astype("float32")], axis=-1)
        made = self.infer("generator", seen, batch_size=batch_size)
        return np.where(missing, feathered(made, images, missing, blend) if blend else made, images)

    @staticmethod
    def check_finite_outside(images, missing, rank):
        """Raise where pixels are not finite that no mask, of this rank as it was given, declares missing."""
        broken = ~np.isfinite(images) & ~missing if images.dtype.kind == "f" else np.zeros(1)
        if broken.any():
            all_channels = "all(-1, keepdims=True)" if rank == 4 else "all(-1)"
            raise ValueError(
                f"{int(broken.sum())} values outside of the holes are not finite (NaN or infinite): declare these "
                f"pixels missing too, `masks=np.maximum(masks, ~np.isfinite(images).{all_channels})`."
            )

    def sheet(self, data):
        """What a sheet of completions shows, a column each: dict of name to images.

        Args:
            data: whole images, or a pair of them and masks as `inpaint` takes them; without masks holes are drawn by
                the game's law, the same ones each time.
        """
        images, masks = data if isinstance(data, tuple) else (data, None)
        images = np.asarray(images)
        if masks is None:
            drawn = self.hole.draw(*images.shape[:3], keras.random.SeedGenerator(self.seed))
            masks = ops.convert_to_numpy(drawn)
        source = np.where(holes.as_masks(masks, images.shape), 0.0, images)
        return {"source": source, "made": self.inpaint(images, masks), "target": images}

    def call(self, inputs, training=False):
        """What `predict` and the exported model compute: completed images, float32, of `[images, masks]`, the masks
        `(batch, height, width, 1)`.
        """
        images, masks = (ops.cast(part, "float32") for part in inputs)
        made = self.served("generator")(self.seen(images, masks), training=training)
        return self.completed(images, masks, ops.cast(made, "float32"))

    def serving_model(self):
        """A plain `keras.Model`: `[image, mask]` to completed images, float32; a pixel is missing where the mask
        `(batch, height, width, 1)` is above 1/2.
        """
        shape = self.generator.output_shape[1:]
        image, mask = keras.Input(shape, name="image"), keras.Input((*shape[:2], 1), name="mask")
        made = keras.layers.Activation("linear", dtype="float32")(self.served("generator")(self.seen(image, mask)))
        return keras.Model([image, mask], self.completed(image, mask, made))


def feathered(made, images, missing, blend):
    """What was `made`, whole images, with what is wrong of the nearest given pixel added to `blend` pixels of each
    hole, fading linearly inwards.
    """
    from scipy.ndimage import distance_transform_edt

    moved = made.copy()
    for image, given, mask in zip(moved, images, missing[..., 0]):
        distance, (rows, columns) = distance_transform_edt(mask, return_indices=True)
        share = np.maximum(1 - distance / (blend + 1), 0).astype("float32")[..., None]
        image += share * (given[rows, columns] - image[rows, columns])
    return np.clip(moved, -1, 1)
