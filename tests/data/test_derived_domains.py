import numpy as np
import pytest

import kgan


def test_edges_are_what_a_dilation_adds():
    image = np.zeros((1, 5, 6, 1), "uint8")
    image[0, 2, 2] = 200
    image[0, 0, 5] = 50
    wanted = np.zeros((5, 6))
    wanted[1:4, 1:4], wanted[2, 2] = 200, 0
    wanted[0:2, 4:6], wanted[0, 5] = 50, 0
    data = kgan.data.derived_domains(np.repeat(image, 4, axis=0), "edges")
    np.testing.assert_array_equal(data.images["edges"][0, ..., 0], wanted)


@pytest.mark.parametrize("kind", ["edges", "negatives"])
def test_halves_are_disjoint_and_their_counterparts_are_known(kind):
    digits = kgan.data.digits(8, labels=True)
    data = kgan.data.derived_domains(digits, kind, seed=3)
    sources = np.concatenate([data.images["images"], data.counterparts[kind]["images"]])
    assert len(sources) == 1500 and data.batch_size == 64 and not data.aligned

    def sorted_rows(images):
        return np.sort([image.tobytes() for image in images])

    np.testing.assert_array_equal(sorted_rows(sources), sorted_rows(digits.images))
    np.testing.assert_array_equal(data.derive(data.images["images"]), data.counterparts["images"][kind])
    np.testing.assert_array_equal(data.derive(data.counterparts[kind]["images"]), data.images[kind])
    # Labels stay with their images: a nearest image of the set has the same.
    for name, images in (("images", data.images["images"]), (kind, data.counterparts[kind]["images"])):
        place = {image.tobytes(): label for image, label in zip(digits.images, digits.labels)}
        assert [place[image.tobytes()] for image in images] == list(data.labels_by_domain[name])
    again = kgan.data.derived_domains(digits, kind, seed=4)
    assert not np.array_equal(again.images["images"], data.images["images"])


def test_colours_are_pure_hues_of_grey_images():
    digits = kgan.data.digits(8, labels=True)
    data = kgan.data.derived_domains(digits, "colours", batch_size=50, seed=3, labels=True)
    coloured, grey = data.images["colours"], data.counterparts["colours"]["images"]
    assert coloured.shape == (750, 8, 8, 3) and data.derive is None and data.counterparts["images"] == {}
    # A pure hue keeps the brightest channel and leaves the darkest empty; the middle one is its share of the former.
    np.testing.assert_array_equal(coloured.max(-1), grey[..., 0])
    assert coloured.min(-1).max() == 0
    shares = np.median(coloured, -1).sum((1, 2)) / coloured.max(-1).sum((1, 2))
    assert np.ptp(shares) > 0.9 and len(set(coloured.sum((1, 2)).argmax(-1))) == 3
    _, labels = data[0]
    assert {name: part.shape for name, part in labels.items()} == {"images": (50,), "colours": (50,)}


@pytest.mark.parametrize(
    "data, kind, said",
    [
        (
            np.zeros((4, 8, 8, 1), "uint8"),
            "shadows",
            "must be one of 'edges', 'negatives', 'colours', not 'shadows'",
        ),
        (np.zeros((4, 8, 8, 1), "float32"), "edges", "not float32 of shape"),
        (np.zeros((1, 8, 8, 1), "uint8"), "edges", r"or more, not uint8 of shape \(1, 8, 8, 1\)"),
        (np.zeros((4, 8, 8, 3), "uint8"), "colours", "given to grey images, not to ones of 3 channels"),
        (kgan.data.domains(a=np.zeros((2, 2)), b=np.zeros((2, 2))), "edges", "not several sets"),
    ],
)
def test_what_has_no_domains_is_refused(data, kind, said):
    with pytest.raises(ValueError, match=said):
        kgan.data.derived_domains(data, kind)
