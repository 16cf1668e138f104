"""SampleGrid and SampleCloud: what is drawn, when, and that nothing else changes."""

import numpy as np
import pytest
from callback_games import StandIn, image_gan, points_gan, same, state
from PIL import Image

from kgan.callbacks import Checkpoint, SampleCloud, SampleGrid
from kgan.kinds import LatentModel
from kgan.pictures import image_grid


def images(shape=(8, 8, 1)):
    return np.random.default_rng(0).uniform(-1, 1, (32, *shape)).astype("float32")


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def test_grid_shows_each_image_in_its_place_enlarged_without_interpolation():
    rows, columns = 2, 3
    values = np.linspace(-1, 1, rows * columns * 4 * 5 * 3, dtype="float32").reshape(6, 4, 5, 3)
    grid = np.asarray(image_grid(values, rows, columns, side=60, gap=2))
    scale = 60 // 15
    assert grid.shape == (2 * (4 * scale + 2) + 2, 3 * (5 * scale + 2) + 2, 3)
    top, left = 2 + (4 * scale + 2), 2 + 2 * (5 * scale + 2)
    last = grid[top : top + 4 * scale, left : left + 5 * scale]
    expected = np.round((values[5] + 1) * 127.5).astype("uint8").repeat(scale, 0).repeat(scale, 1)
    np.testing.assert_array_equal(last, expected)
    assert (grid[:2] == 255).all() and (grid[:, -2:] == 255).all()


@pytest.mark.parametrize("shape, mode", [((8, 8, 1), "L"), ((6, 9, 3), "RGB")])
def test_grids_and_film(tmp_path, shape, mode):
    gan = image_gan(shape)
    gan.fit(images(shape), epochs=3, verbose=0, callbacks=[SampleGrid(tmp_path / "new" / "grids", rows=4, columns=5)])
    directory = tmp_path / "new" / "grids"
    assert names(directory) == [*(f"epoch-000{epoch}.png" for epoch in range(4)), "film.gif"]
    with Image.open(directory / "epoch-0003.png") as picture:
        assert picture.mode == mode and 400 < max(picture.size) < 700
        drawn = np.asarray(picture)
    latents = np.random.default_rng(0).standard_normal((20, 4), "float32")
    np.testing.assert_array_equal(drawn, np.asarray(image_grid(gan.generate(latents=latents), 4, 5)))
    with Image.open(directory / "film.gif") as film:
        assert film.n_frames == 4 and max(film.size) <= 600
    assert (directory / "film.gif").stat().st_size < 4 * 60_000


def test_drawing_does_not_change_training(tmp_path):
    plain, drawn = image_gan(), image_gan()
    plain.fit(images(), epochs=2, verbose=0)
    drawn.fit(images(), epochs=2, verbose=0, callbacks=[SampleGrid(tmp_path)])
    assert same(state(plain), state(drawn))


def test_every_and_the_last_epoch(tmp_path):
    image_gan().fit(images(), epochs=5, verbose=0, callbacks=[SampleGrid(tmp_path, every=2, gif=False)])
    assert names(tmp_path) == [f"epoch-000{epoch}.png" for epoch in (0, 2, 4, 5)]


def test_a_resumed_run_gets_the_whole_film_and_no_frame_of_another_run(tmp_path):
    stranger = image_gan(seed=8)
    stranger.fit(images(), epochs=7, verbose=0, callbacks=[SampleGrid(tmp_path / "grids", gif=False)])
    for epochs in (2, 4):
        # The grid comes first: frame 0 must not be drawn again from the weights that `Checkpoint` is yet to replace.
        callbacks = [SampleGrid(tmp_path / "grids", every=2, rows=2, columns=2), Checkpoint(tmp_path / "checkpoint")]
        image_gan().fit(images(), epochs=epochs, verbose=0, callbacks=callbacks)
    whole = SampleGrid(tmp_path / "whole", every=2, rows=2, columns=2)
    image_gan().fit(images(), epochs=4, verbose=0, callbacks=[whole])
    with Image.open(tmp_path / "grids" / "film.gif") as film, Image.open(tmp_path / "whole" / "film.gif") as expected:
        assert film.n_frames == expected.n_frames == 3
        for frame in range(3):
            film.seek(frame), expected.seek(frame)
            np.testing.assert_array_equal(np.asarray(film.convert("RGB")), np.asarray(expected.convert("RGB")))


def test_pictures_of_others_are_moved_aside(tmp_path):
    for name in ("epoch-0001.png", "film.gif"):
        Image.new("L", (3, 3), 7).save(tmp_path / name)
    (tmp_path / "epoch-0000.png").write_text("no picture at all")
    mine = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.warns(UserWarning, match="epoch-0001.png was not drawn by SampleGrid; it is kept as .*-0001.png.1"):
        image_gan().fit(images(), epochs=1, verbose=0, callbacks=[SampleGrid(tmp_path, rows=1, columns=1)])
    assert {path.name[:-2]: path.read_bytes() for path in tmp_path.glob("*.1")} == mine
    # Its own ones it replaces.
    image_gan(seed=4).fit(images(), epochs=1, verbose=0, callbacks=[SampleGrid(tmp_path, rows=1, columns=1)])
    assert len(names(tmp_path)) == 6


def test_film_is_bounded(tmp_path):
    grid = SampleGrid(tmp_path, rows=1, columns=1)
    grid.frames = 4
    image_gan().fit(images(), epochs=9, verbose=0, callbacks=[grid])
    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 4


def test_labels_choose_the_class_of_each_row(tmp_path):
    class Conditional(StandIn):
        latent_dim = 3
        random_latents = LatentModel.random_latents

        def generate(self, latents, labels):
            self.asked = latents, labels
            return np.ones((len(latents), 8, 8, 1), "float32") * (labels[:, None, None, None] / 5 - 1)

    grid, model = SampleGrid(tmp_path, columns=4, labels=[7, 2, 5]), Conditional()
    grid.set_model(model)
    picture = np.asarray(grid.draw(1))
    latents, labels = model.asked
    np.testing.assert_array_equal(labels, [7] * 4 + [2] * 4 + [5] * 4)
    np.testing.assert_array_equal(latents[:4], latents[8:])
    assert len(np.unique(latents[:4, 0])) == 4
    rows = [picture[int((row + 0.5) / 3 * picture.shape[0]), 30] for row in range(3)]
    assert rows == [round((label / 5) * 127.5) for label in (7, 2, 5)]


def test_names_stand_beside_rows_and_above_columns_and_move_nothing():
    values = np.linspace(-1, 1, 6 * 64, dtype="float32").reshape(6, 8, 8, 1)
    plain = np.asarray(image_grid(values, 3, 2, side=90))
    for names in (dict(row_names=["T-shirt", "Bag", 7]), dict(column_names=[-2, 2])):
        named = np.asarray(image_grid(values, 3, 2, side=90, **names))
        top, left = named.shape[0] - plain.shape[0], named.shape[1] - plain.shape[1]
        assert (top, left) >= (0, 0) and (top > 0) == ("column_names" in names) and (left > 0) == ("row_names" in names)
        np.testing.assert_array_equal(named[top:, left:], plain)
        assert (named < 255).sum() > (plain < 255).sum()
    # Names wider than their columns stand upright, each above its own: the second one has ink there alone.
    long = np.asarray(image_grid(values, 3, 2, side=90, column_names=["", "regular to bold"]))
    top, width = long.shape[0] - plain.shape[0], plain.shape[1] // 2
    ink = (long[:top] < 128).any(0)
    assert top > 2 * width and not ink[:width].any() and 4 < ink[width:].sum() < width
    np.testing.assert_array_equal(long[top:], plain)
    with pytest.raises(ValueError, match="but there are 2 names"):
        SampleGrid("unused", labels=[0, 1, 2], names=["a", "b"])


def test_cloud_over_fixed_axes(tmp_path, points):
    centres = np.array([[0, 1], [0, -1.0]])
    gan = points_gan()
    gan.fit(points, epochs=2, verbose=0, callbacks=[SampleCloud(tmp_path, centres=centres, samples=100)])
    assert names(tmp_path) == ["epoch-0000.png", "epoch-0001.png", "epoch-0002.png", "film.gif"]
    with Image.open(tmp_path / "epoch-0001.png") as picture:
        assert picture.size == (500, 500)
    assert SampleCloud(tmp_path, centres=centres).limits == pytest.approx((-4 / 3, 4 / 3))
    assert SampleCloud(tmp_path, centres=centres, limits=(-3, 3)).limits == (-3, 3)


def test_grid_of_points_is_a_cloud(tmp_path, points):
    points_gan().fit(points, epochs=1, verbose=0, callbacks=[SampleGrid(tmp_path)])
    with Image.open(tmp_path / "epoch-0001.png") as picture:
        assert picture.size == (500, 500) and picture.mode == "RGB"


def test_matplotlib_keeps_no_state(tmp_path, points):
    import matplotlib.pyplot as plt

    points_gan().fit(points, epochs=1, verbose=0, callbacks=[SampleCloud(tmp_path)])
    assert plt.get_fignums() == []


def test_refusals_come_before_training(tmp_path, points):
    (tmp_path / "file").write_text("")
    gan = points_gan()
    before = state(gan)
    with pytest.raises(OSError, match="SampleCloud cannot write into .*file/below"):
        gan.fit(points, verbose=0, callbacks=[SampleCloud(tmp_path / "file" / "below")])
    assert same(state(gan), before)
    with pytest.raises(ValueError, match=r"1 or 3 channels.*\(8, 8, 2\)"):
        image_gan((8, 8, 2)).fit(images((8, 8, 2)), verbose=0, callbacks=[SampleGrid(tmp_path)])
    with pytest.raises(ValueError, match="use SampleGrid"):
        image_gan().fit(images(), verbose=0, callbacks=[SampleCloud(tmp_path)])
    for wrong in (dict(every=0), dict(rows=0), dict(columns=0)):
        with pytest.raises(ValueError, match="at least 1"):
            SampleGrid(tmp_path, **wrong)
    with pytest.raises(ValueError, match=r"\(k, 2\)"):
        SampleCloud(tmp_path, centres=[1.0, 2.0])


def test_full_disk_costs_a_warning(tmp_path, monkeypatch):
    def full(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    plain, gan = image_gan(), image_gan()
    plain.fit(images(), epochs=2, verbose=0)
    with pytest.warns(RuntimeWarning, match="SampleGrid could not write .*No space left"):
        gan.fit(images(), epochs=2, verbose=0, callbacks=[SampleGrid(tmp_path)])
    assert same(state(plain), state(gan)) and names(tmp_path) == []


def test_film_goes_without_a_damaged_frame(tmp_path):
    grid = SampleGrid(tmp_path, rows=1, columns=1)
    image_gan().fit(images(), epochs=3, verbose=0, callbacks=[grid])
    (tmp_path / "epoch-0001.png").write_bytes((tmp_path / "epoch-0001.png").read_bytes()[:60])
    with pytest.warns(RuntimeWarning, match="without .*epoch-0001.png"):
        grid.film()
    with Image.open(tmp_path / "film.gif") as film:
        assert film.n_frames == 3
