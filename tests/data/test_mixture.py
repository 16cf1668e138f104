import numpy as np
import pytest

from kgan.data import mixture

EXPECTED = {
    "ring": (8, 1.0, 0.01),
    "wgan_gp_ring": (8, 2 / 1.414, 0.02 / 1.414),
    "grid": (25, np.hypot(4, 4), 0.05),
    "wgan_gp_grid": (25, np.hypot(4, 4) / 2.828, 0.05 / 2.828),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_components_have_the_means_deviations_and_shares_of_the_papers(name):
    count, reach, deviation = EXPECTED[name]
    batches = mixture(name)
    points, centres = batches.images, batches.centres
    assert batches.name == name and points.shape == (100_000, 2) and points.dtype == np.float32
    assert batches.deviation == pytest.approx(deviation) and len(np.unique(centres.round(4), axis=0)) == count
    assert np.linalg.norm(centres, axis=1).max() == pytest.approx(reach, rel=1e-5)
    nearest = ((points[:, None] - centres) ** 2).sum(-1).argmin(1)
    for k in range(count):
        own = points[nearest == k]
        assert len(own) == pytest.approx(100_000 / count, rel=0.1)
        np.testing.assert_allclose(own.mean(0), centres[k], atol=6 * deviation / len(own) ** 0.5)
        np.testing.assert_allclose(own.std(0), deviation, rtol=0.05)


def test_ring_has_its_means_at_eighths_of_a_turn_and_grid_on_even_numbers():
    angles = np.arctan2(*mixture("ring", samples=1).centres.T[::-1]) * 4 / np.pi % 8
    np.testing.assert_allclose(angles, np.arange(8), atol=1e-5)
    assert {tuple(centre) for centre in mixture("grid", samples=1).centres.tolist()} == {
        (x, y) for x in (-4, -2, 0, 2, 4) for y in (-4, -2, 0, 2, 4)
    }


def test_swiss_roll_is_a_spiral_without_centres():
    batches = mixture("swiss_roll", samples=5000)
    assert batches.centres is None and batches.deviation is None and batches.images.shape == (5000, 2)
    radius = np.linalg.norm(batches.images, axis=1) * 7.5
    angle = np.arctan2(batches.images[:, 1], batches.images[:, 0])
    turns = np.round((radius - angle) / (2 * np.pi))
    assert (radius - angle - 2 * np.pi * turns).std() < 0.3
    assert 1.5 * np.pi - 1 < radius.min() and radius.max() < 4.5 * np.pi + 1.2


@pytest.mark.parametrize("name", ["ring", "swiss_roll"])
def test_points_are_drawn_once_by_the_seed(name):
    one, same, other = mixture(name, samples=500), mixture(name, samples=500), mixture(name, samples=500, seed=1)
    np.testing.assert_array_equal(one.images, same.images)
    np.testing.assert_array_equal(one[1], same[1])
    assert (one.images != other.images).all(1).any()
    assert one[0].shape == (256, 2)


def test_refuses_by_naming_the_nearest():
    with pytest.raises(ValueError, match="'rings'. Did you mean 'ring'.*swiss_roll"):
        mixture("rings")
    with pytest.raises(ValueError, match="at least 1"):
        mixture("ring", samples=0)
