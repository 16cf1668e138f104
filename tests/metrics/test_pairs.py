"""How near what was made is to what should have come out, held against sums by hand."""

import numpy as np
import pytest
from harness import BACKEND, images
from keras import ops
from metric_data import feed
from scipy.ndimage import gaussian_filter

import kgan
from kgan.metrics import L1, PSNR, SSIM, PixelAgreement, l1, pixel_agreement, psnr, ssim

TARGET = images(7, (13, 16, 3))
MADE = np.clip(TARGET + 0.3 * images(7, (13, 16, 3), seed=1), -1, 1)
PAIRS = [(L1, l1), (PSNR, psnr), (SSIM, ssim), (PixelAgreement, pixel_agreement)]


def wang(x, y):
    """SSIM of one channel of [-1, 1] by Wang et al., equations 6 to 16, in double precision."""
    mean = lambda image: gaussian_filter(image, 1.5, truncate=3.5)[5:-5, 5:-5]  # noqa: E731
    x, y = x.astype("float64"), y.astype("float64")
    m_x, m_y = mean(x), mean(y)
    v_x, v_y, cov = mean(x * x) - m_x**2, mean(y * y) - m_y**2, mean(x * y) - m_x * m_y
    c_1, c_2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2
    return ((2 * m_x * m_y + c_1) * (2 * cov + c_2) / ((m_x**2 + m_y**2 + c_1) * (v_x + v_y + c_2))).mean()


def expected(function):
    difference = TARGET.astype("float64") - MADE
    if function is l1:
        return np.abs(difference).mean((1, 2, 3))
    if function is psnr:
        return 20 * np.log10(2 / np.sqrt(np.square(difference).mean((1, 2, 3))))
    if function is ssim:
        return [np.mean([wang(x[..., c], y[..., c]) for c in range(3)]) for x, y in zip(TARGET, MADE)]
    return ((TARGET > 0) == (MADE > 0)).mean((1, 2, 3))


@pytest.mark.parametrize("kind, function", PAIRS)
def test_by_hand(kind, function):
    values = function(TARGET, MADE)
    assert values.dtype == np.float32
    np.testing.assert_allclose(values, expected(function), rtol=2e-5)
    assert np.ptp(values) > 0.01
    for batch_size in (2, 7):  # the seventh pair does not enter, wherever it stands
        result = feed(kind(samples=6), TARGET, MADE, batch_size)
        assert type(result) is float and result == pytest.approx(np.mean(expected(function)[:6]), rel=2e-5)


def test_a_tolerance():
    target, made = np.zeros((1, 2, 2, 1)), np.array([0.0, 0.1, -0.25, 0.3]).reshape(1, 2, 2, 1)
    assert pixel_agreement(target, made, 0.25) == 0.75 and pixel_agreement(target, made, 0) == 0.25
    assert pixel_agreement(target, made) == 0.5  # 0 itself is not above 0
    assert feed(PixelAgreement(0.25, samples=1), target, made) == 0.75
    for wrong in (-0.1, 2.5, "0.1", True, np.nan):
        with pytest.raises(ValueError, match="`tolerance` is a difference of pixels"):
            PixelAgreement(wrong)


def test_images_that_are_their_targets():
    same = np.repeat(TARGET[:1], 2, axis=0)
    other = same.copy()
    other[1] = np.clip(same[1] + 0.2, -1, 1)
    assert np.isinf(psnr(same, same)).all() and ssim(same, same) == pytest.approx(np.ones(2), abs=1e-6)
    assert feed(PSNR(samples=2), same, same) == 100.0
    assert feed(PSNR(samples=2), same, other) == pytest.approx((100 + psnr(same, other)[1]) / 2)
    assert l1(same, same).tolist() == [0, 0] and pixel_agreement(same, same).tolist() == [1, 1]


def test_flat_images_cost_ssim_no_accuracy():
    flat, lighter = np.full((1, 11, 11, 1), 0.9, "float32"), np.full((1, 11, 11, 1), 1.0, "float32")
    assert ssim(flat, lighter) == pytest.approx((2 * 0.9 + 0.0004) / (0.81 + 1 + 0.0004), abs=1e-4)


@pytest.mark.parametrize("kind, function", PAIRS)
def test_refusals(kind, function):
    with pytest.raises(ValueError, match="Targets have shape .* they must be alike"):
        kind().update_state(TARGET, MADE[..., :1])
    with pytest.raises(ValueError, match="image by image, but have the shapes"):
        function(TARGET, MADE[:3])
    with pytest.raises(ValueError, match="compares images"):
        kind().update_state(TARGET[:, 0, 0], MADE[:, 0, 0])
    with pytest.raises(ValueError, match="compares images"):
        function(TARGET[0], MADE[0])
    bytes_ = TARGET * 127.5 + 127.5
    with pytest.raises(ValueError, match=r"`generated` must lie in \[-1, 1\].*`images / 127.5 - 1`"):
        function(TARGET, bytes_)
    for pair in ((TARGET, bytes_), (bytes_, TARGET)):
        with pytest.raises(ValueError, match=r"lie in \[-1, 1\]"):
            kind(samples=7).update_state(*pair)
        with pytest.raises(ValueError, match="7 images that are not finite or not in"):
            feed(kind(samples=7), *map(ops.convert_to_tensor, pair))
    with pytest.raises(ValueError, match="non-finite"):
        function(TARGET, MADE * np.nan)


def test_images_below_the_window_of_ssim():
    with pytest.raises(ValueError, match="window of 11x11 pixels, larger than images of 10x16"):
        ssim(TARGET[:, :10], MADE[:, :10])
    with pytest.raises(ValueError, match="larger than images of 10x16"):
        SSIM().update_state(TARGET[:, :10], MADE[:, :10])
    assert np.isfinite(ssim(TARGET[:, :11], MADE[:, :11])).all()


def test_in_the_compiled_step_of_a_game_of_pairs():
    network = kgan.networks.unet((13, 16, 3), filters=2, depth=2, dropout=0.0)
    judge = kgan.networks.patch_discriminator((13, 16, 3), filters=2, receptive_field=7)
    gan = kgan.Pix2Pix(network, judge, seed=0)
    gan.compile(metrics=[kind(samples=7) for kind, _ in PAIRS])
    logs = gan.evaluate(TARGET, MADE, batch_size=3, return_dict=True, verbose=0)
    made = gan.translate(TARGET)
    for kind, function in PAIRS:
        assert logs[kind(samples=7).name] == pytest.approx(function(MADE, made).mean(), rel=1e-4)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.image")
def test_ssim_is_tensorflows():
    import tensorflow as tf

    np.testing.assert_allclose(ssim(TARGET, MADE), tf.image.ssim(TARGET, MADE, 2.0), atol=1e-5)
