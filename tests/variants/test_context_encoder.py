import keras
import numpy as np
import pytest
from harness import BACKEND, VariantTests, array, images, stand_in, tensors
from translation import patches, translator

import kgan
from kgan.kinds import Masks, Rectangle
from kgan.kinds.completion_model import feathered

layers = keras.layers


def holes(count, height, width, seed=0):
    """Random masks, of which each covers a part."""
    return np.random.default_rng(seed).uniform(size=(count, height, width, 1)) < 0.4


class TestContextEncoder(VariantTests):
    variant = kgan.ContextEncoder
    options = {"hole": [3, 2]}
    compile_options = {"overlap": 1}
    toy_options = {"adversarial_weight": 0.01, "overlap": 0}

    def players(self, shape, dropout=0.0):
        generator = translator((*shape[:2], shape[2] + 1), shape[2], dropout)
        return {"generator": generator, "discriminator": patches(shape, dropout)}

    def inputs(self, count, shape=(8, 8, 1)):
        return [images(count, shape, seed=1), holes(count, *shape[:2]).astype("float32")]

    def made(self, model, count, shape=(8, 8, 1)):
        return model.inpaint(*self.inputs(count, shape))

    def answer(self, model, inputs):
        return model.inpaint(*inputs)

    def toy_players(self):
        flat = [keras.Input((4, 4, 2)), layers.Flatten(), layers.Dense(32, "relu"), layers.Dense(16, "tanh")]
        generator = keras.Sequential([*flat, layers.Reshape((4, 4, 1))])
        judge = [keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(16, "relu"), layers.Dense(1)]
        return {"generator": generator, "discriminator": keras.Sequential(judge)}

    def toy(self):
        """Images of one brightness each."""
        return (
            np.repeat(np.random.default_rng(0).uniform(-0.8, 0.8, (512, 1)), 16, 1)
            .astype("float32")
            .reshape(-1, 4, 4, 1)
        )

    def error(self, model):
        toy, masks = self.toy(), array(model.hole.draw(512, 4, 4, keras.random.SeedGenerator(1)))
        made = model.inpaint(toy, masks)
        return np.abs(made - toy)[masks > 0].mean()

    def assert_toy_is_not_known(self, model):
        assert self.error(model) > 0.3

    def assert_toy_is_learned(self, model):
        assert self.error(model) < 0.1


def game(hole=(2, 2), shape=(4, 4, 1), seed=0, **options):
    gan = kgan.ContextEncoder(translator((*shape[:2], shape[2] + 1), shape[2]), patches(shape), hole=hole, seed=seed)
    gan.compile(**{"overlap": 1, "run_eagerly": BACKEND != "jax", **options})
    return gan


def one_hole():
    mask = np.zeros((4, 4), bool)
    mask[:2, 1] = True
    return mask


def test_losses_by_hand():
    gan, seen = game(reconstruction_weight=0.7, adversarial_weight=0.2, overlap_weight=10.0), []

    def judge(image, training):
        seen.append(array(image))
        return array(image).mean((1, 2, 3))[:, None]

    stand_in(gan, discriminator=judge)
    real, made = np.full((2, 4, 4, 1), 0.5, "float32"), np.full((2, 4, 4, 1), -0.25, "float32")
    made[1] = 0.3
    masks = np.repeat(one_hole()[None, ..., None], 2, axis=0).astype("float32")
    completed = np.where(masks > 0, made, real)
    # Two pixels are missing; around them, at the upper edge, are seven that are given.
    squares = np.array([0.75, 0.2]) ** 2
    errors = (2 * squares + 10 * 7 * squares) / 9
    logits = (14 * 0.5 + 2 * np.array([-0.25, 0.3])) / 16
    wanted = 0.7 * errors + 0.2 * np.log1p(np.exp(-logits))
    given = tensors([real, masks, made])
    np.testing.assert_allclose(array(gan.generator_loss(*given)), wanted, rtol=1e-5)
    np.testing.assert_array_equal(seen[-1], completed)
    wanted = np.log1p(np.exp(-0.5)) + np.log1p(np.exp(logits))
    np.testing.assert_allclose(array(gan.discriminator_loss(*tensors([real, completed]))), wanted, rtol=1e-5)
    gan.overlap = 0
    np.testing.assert_allclose(array(gan.reconstruction_loss(*given)), squares, rtol=1e-5)


def test_reconstruction_alone_does_not_ask_the_discriminator():
    """With no weight, whatever the discriminator says moves nothing."""
    moved = []
    for logit in (-3.0, 5.0):
        gan = game(adversarial_weight=0.0, generator_optimizer=keras.optimizers.SGD(0.1))
        gan.generator.set_weights([np.full_like(weight, 0.05) for weight in gan.generator.get_weights()])
        gan.discriminator.layers[-1].bias.assign([logit])
        gan.fit(images(4, (4, 4, 1)), batch_size=4, verbose=0)
        moved.append(gan.generator.get_weights())
    assert all(np.array_equal(*pair) for pair in zip(*moved))
    assert not np.allclose(moved[0][0], 0.05)


def test_the_steps_of_a_game_make_holes_of_their_own_and_an_evaluation_repeats_its():
    gan, drawn = game(), []
    draw = gan.hole.draw

    class Watched(Rectangle):
        def draw(self, *arguments):
            drawn.append(draw(*arguments))
            return drawn[-1]

    gan.hole = Watched(2, 2)
    gan.compile(overlap=1, run_eagerly=True, metrics=[kgan.metrics.L1(samples=6)])
    data = images(6, (4, 4, 1))
    if BACKEND != "jax":
        gan.fit(data, batch_size=3, epochs=2, verbose=0)
        masks = [array(one) for one in drawn]
        assert len(masks) == 4 and all(one.shape == (3, 4, 4, 1) and (one.sum((1, 2, 3)) == 4).all() for one in masks)
        assert len({one.tobytes() for one in masks}) == 4
    first, second = (gan.evaluate(data, verbose=0) for _ in range(2))
    assert first == second and first[-1] > 0


def test_where_rectangles_fall():
    masks = array(Rectangle(2, 3).draw(2000, 4, 5, keras.random.SeedGenerator(0)))[..., 0]
    assert masks.shape == (2000, 4, 5) and set(np.unique(masks)) == {0, 1}
    corners = [tuple(np.argwhere(mask)[0]) for mask in masks]
    counts = {corner: corners.count(corner) for corner in set(corners)}
    assert set(counts) == {(row, column) for row in range(3) for column in range(3)}
    assert min(counts.values()) > 150  # of 222
    for mask, (row, column) in zip(masks[:50], corners):
        assert mask.sum() == 6 and mask[row : row + 2, column : column + 3].all()
    middle = array(Rectangle(2, 2, "center").draw(2, 6, 6, None))[..., 0]
    assert middle[:, 2:4, 2:4].all() and middle.sum() == 8


def test_masks_of_any_shape_are_drawn_alike_and_saved(tmp_path):
    given = holes(3, 4, 4)
    gan = game(Masks(given[..., 0]))
    masks = array(gan.hole.draw(600, 4, 4, keras.random.SeedGenerator(0)))
    shares = [np.mean([np.array_equal(mask, one) for mask in masks]) for one in given]
    assert sum(shares) == 1 and min(shares) > 0.25
    gan.save(tmp_path / "gan.keras")
    loaded = keras.saving.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(loaded.hole.masks, given)


def test_by_default_half_of_each_side_is_missing(tmp_path):
    gan = game(None, (6, 4, 1))
    assert (gan.hole.height, gan.hole.width, gan.hole.place) == (3, 2, "random")
    gan.save(tmp_path / "gan.keras")
    assert keras.saving.load_model(tmp_path / "gan.keras").hole.get_config() == gan.hole.get_config()


@pytest.mark.parametrize("form", ["(n, h, w)", "(n, h, w, 1)", "(h, w)", "integers"])
def test_what_is_given_stays_and_what_is_missing_is_never_read(form):
    gan, whole, masks = game(), images(5, (4, 4, 1)), holes(5, 4, 4)
    if form == "(h, w)":
        masks = np.repeat(one_hole()[None, ..., None], 5, axis=0)
    given = {"(n, h, w)": masks[..., 0], "(h, w)": one_hole(), "integers": masks.astype("int64")}.get(form, masks)
    clean = gan.inpaint(whole, given, batch_size=2)
    for garbage in (np.nan, np.inf, -1e30):
        np.testing.assert_array_equal(gan.inpaint(np.where(masks, garbage, whole), given, batch_size=2), clean)
    np.testing.assert_array_equal(clean[~masks], whole[~masks])
    made = gan.infer("generator", np.concatenate([np.where(masks, 0, whole), masks], -1).astype("float32"))
    np.testing.assert_allclose(clean[masks], made[masks], atol=1e-6)  # of batches of another size
    assert clean.dtype == np.float32 and not np.array_equal(clean, whole)
    both = [np.where(masks, np.nan, whole), masks.astype("float32")]
    np.testing.assert_allclose(gan.predict(both, verbose=0), clean, atol=1e-6)
    np.testing.assert_allclose(array(gan.serving_model()(tensors(both))), clean, atol=1e-6)


def test_a_blended_border():
    gan = game(shape=(1, 8, 1), hole=(1, 4))
    last = gan.generator.layers[-1]
    last.set_weights([np.zeros_like(last.get_weights()[0]), np.arctanh([0.2])])
    image = np.full((1, 1, 8, 1), 0.5, "float32")
    image[..., 7, :] = -0.1
    mask = np.array([[0, 1, 1, 1, 1, 1, 1, 0]])
    plain, blended = (gan.inpaint(image, mask, blend=pixels)[0, 0, :, 0] for pixels in (0, 2))
    np.testing.assert_allclose(plain, [0.5, *[0.2] * 6, -0.1], atol=1e-6)
    # 0.3 too dark at the left end, 0.3 too bright at the right one: two thirds and one third of it.
    np.testing.assert_allclose(blended, [0.5, 0.4, 0.3, 0.2, 0.2, 0.1, 0.0, -0.1], atol=1e-6)
    made, given = np.float32([0.0, 0.9]).reshape(1, 1, 2, 1), np.float32([1.0, 0.0]).reshape(1, 1, 2, 1)
    assert feathered(made, given, given < 1, 9)[0, 0, 1] == 1  # 0.9 and nine tenths of the error of 1, in range
    for wrong in (-1, 1.5, "2"):
        with pytest.raises(ValueError, match="`blend` is a number of pixels"):
            gan.inpaint(image, mask, blend=wrong)


WHOLE, MASKS = images(3, (4, 4, 1)), holes(3, 4, 4)[..., 0]
SOME_FULL = np.stack([MASKS[0], np.ones((4, 4), bool), MASKS[2]])
BROKEN = np.where(np.eye(4, dtype=bool)[..., None], np.nan, WHOLE)


@pytest.mark.parametrize(
    "whole, masks, said, cure",
    [
        (WHOLE, MASKS[:2], r"shape \(3, 4, 4\), or \(4, 4\) of one for all, not \(2, 4, 4\)", None),
        (WHOLE, MASKS[:, :3], "not .3, 3, 4.: draw them at the images' size", None),
        (WHOLE, one_hole()[None], r"write `masks.reshape\(4, 4\)`", "masks.reshape(4, 4)"),
        (WHOLE, one_hole()[..., None], r"write `masks.reshape\(4, 4\)`", "masks.reshape(4, 4)"),
        (WHOLE, np.repeat(MASKS[..., None], 3, -1), r"write `masks.any\(-1\)`", "masks.any(-1)"),
        (WHOLE, MASKS * 255, r"from 0 to 255: write `masks > 127.5`", "masks > 127.5"),
        (WHOLE, MASKS * 0.5, r"from 0 to 0.5: write `masks > 0.25`", "masks > 0.25"),
        (WHOLE, MASKS + 2, "from 2 to 3: write `masks > 2.5`", "masks > 2.5"),
        (WHOLE, np.where(MASKS, 1, np.nan), "from 1 to 1: write `masks > 0.5`", "masks > 0.5"),
        (WHOLE, MASKS.astype(str), "Masks are bool", None),
        (WHOLE, SOME_FULL, "Mask 1 covers all of its image: nothing is left to go by; leave such images out", None),
        (WHOLE, ~SOME_FULL, "Mask 1 covers nothing of its image; leave such images out", None),
        (WHOLE, np.zeros((4, 4)), "The mask covers nothing of its image; choose one", None),
        (WHOLE * 127.5 + 127.5, MASKS, r"Images must lie in \[-1, 1\]", None),
        ((WHOLE * 127).astype("uint8"), MASKS, "Images must be float32", None),
        (WHOLE[0], MASKS, r"not a batch: .*`images\[None\]`", None),
        (WHOLE[:0], MASKS, "empty", None),
        (
            BROKEN,
            MASKS,
            r"values outside of the holes are not finite .* `masks=np.maximum\(masks",
            "np.maximum(masks, ~np.isfinite(images).all(-1))",
        ),
        (
            BROKEN,
            MASKS[..., None],
            r"values outside of the holes are not finite .*keepdims=True\)\)`",
            "np.maximum(masks, ~np.isfinite(images).all(-1, keepdims=True))",
        ),
    ],
)
def test_masks_and_images_that_do_not_fit_are_refused(whole, masks, said, cure):
    gan = game()
    with pytest.raises(ValueError, match=said) as refusal:
        gan.inpaint(whole, masks)
    if cure is not None:
        assert cure in str(refusal.value)
        gan.inpaint(whole, eval(cure, {"masks": masks, "images": whole, "np": np}))


def test_leaving_out_what_has_no_hole_cures():
    masks, gan = SOME_FULL, game()
    keep = masks.reshape(len(masks), -1).std(1) > 0
    assert gan.inpaint(WHOLE[keep], masks[keep]).shape == (2, 4, 4, 1)


@pytest.mark.parametrize(
    "hole, said",
    [
        ((5, 2), r"hole of 5x2 pixels leaves nothing of images of 4x4: choose a smaller one, `hole=\(2, 2\)`"),
        ((4, 4), "leaves nothing"),
        ((0, 2), "sides are whole numbers of at least 1"),
        ((2, 2.5), "sides are whole numbers"),
        (MASKS, r"not ndarray: masks are given as `kgan.kinds.Masks\(masks\)`"),
        ("center", "not str: such as `kgan.kinds.Rectangle`"),
        (3, "not int"),
    ],
)
def test_holes_that_do_not_fit_are_refused(hole, said):
    with pytest.raises(ValueError, match=said):
        game(hole)


def test_masks_to_learn_with_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="masks are of 6x6 pixels, and the images of 4x4"):
        game(Masks(holes(3, 6, 6)))
    with pytest.raises(ValueError, match=r"write `masks\[None\]`"):
        Masks(one_hole())
    with pytest.raises(ValueError, match="Mask 1 covers all"):
        Masks(SOME_FULL)
    with pytest.raises(ValueError, match="'random' or 'center'"):
        Rectangle(2, 2, "left")


def test_networks_that_do_not_fit_are_refused():
    shape = (4, 4, 1)
    with pytest.raises(ValueError, match=r"build it as `kgan.networks.unet\(\(height, width, 1 \+ 1\), channels=1\)`"):
        kgan.ContextEncoder(translator(shape, 1), patches(shape))
    with pytest.raises(ValueError, match="must take inputs of shape"):
        kgan.ContextEncoder(translator((4, 4, 2), 1), patches((4, 4, 3)))
    with pytest.raises(ValueError, match="sigmoid"):
        judge = keras.Sequential([patches(shape), layers.Activation("sigmoid")])
        kgan.ContextEncoder(translator((4, 4, 2), 1), judge)


def test_images_of_any_size():
    """A generator that leaves the sides free needs to be told how large holes are."""
    shape = (None, None, 1)
    networks = translator((None, None, 2), 1), patches(shape)
    with pytest.raises(ValueError, match=r"say how large holes are, `hole=\(height, width\)`"):
        kgan.ContextEncoder(*networks)
    gan = kgan.ContextEncoder(*networks, hole=(3, 3), seed=0)
    gan.compile(overlap=1, run_eagerly=BACKEND != "jax")
    gan.fit(images(4, (6, 8, 1)), batch_size=2, verbose=0)
    assert gan.inpaint(images(2, (10, 9, 1)), np.eye(10, 9)).shape == (2, 10, 9, 1)
    with pytest.raises(ValueError, match="leaves nothing of images of 3x3"):
        gan.fit(images(4, (3, 3, 1)), verbose=0)


@pytest.mark.parametrize(
    "given, said",
    [
        ((WHOLE, np.zeros(3, int)), "learns from images alone"),
        ((WHOLE * 127 + 128,), r"Images must lie in \[-1, 1\]"),
        ((BROKEN,), "non-finite"),
    ],
)
def test_bad_batches_are_refused(given, said):
    gan = game()
    with pytest.raises(ValueError, match=said):
        gan.fit(*given, verbose=0)
    assert gan.epochs_trained == 0


@pytest.mark.parametrize("argument", ["reconstruction_weight", "adversarial_weight", "overlap_weight", "overlap"])
def test_negative_weights_are_refused(argument):
    with pytest.raises(ValueError, match=f"`{argument}`"):
        game(**{argument: -1})


def test_a_sheet_shows_the_same_holes_each_time(tmp_path):
    gan = game((2, 2))
    shown, again = gan.sheet(WHOLE), gan.sheet(WHOLE)
    assert list(shown) == ["source", "made", "target"] and np.array_equal(shown["source"], again["source"])
    missing = shown["source"] != shown["target"]
    assert (missing.sum((1, 2, 3)) == 4).all() and (shown["source"][missing] == 0).all()
    np.testing.assert_array_equal(shown["made"][~missing], WHOLE[~missing])
    np.testing.assert_array_equal(gan.sheet((WHOLE, one_hole()))["made"], gan.inpaint(WHOLE, one_hole()))
    gan.fit(WHOLE, verbose=0, callbacks=[kgan.callbacks.Sheet(tmp_path, WHOLE)])
    assert (tmp_path / "epoch-0001.png").exists()
    with pytest.raises(ValueError, match="ContextEncoder has none: .*what it makes of samples, `kgan.callbacks.Sheet"):
        gan.fit(WHOLE, verbose=0, callbacks=[kgan.callbacks.SampleGrid(tmp_path)])
