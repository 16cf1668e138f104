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
    sources = np.concatenate([data.images["images"], data.counterparts[kind]])
    assert len(sources) == 1500 and data.batch_size == 64 and not data.aligned

    def sorted_rows(images):
        return np.sort([image.tobytes() for image in images])

    np.testing.assert_array_equal(sorted_rows(sources), sorted_rows(digits.images))
    np.testing.assert_array_equal(data.derive(data.images["images"]), data.counterparts["images"])
    np.testing.assert_array_equal(data.derive(data.counterparts[kind]), data.images[kind])
    # Labels stay with their images: a nearest image of the set has the same.
    for name, images in (("images", data.images["images"]), (kind, data.counterparts[kind])):
        place = {image.tobytes(): label for image, label in zip(digits.images, digits.labels)}
        assert [place[image.tobytes()] for image in images] == list(data.labels_by_domain[name])
    again = kgan.data.derived_domains(digits, kind, seed=4)
    assert not np.array_equal(again.images["images"], data.images["images"])


@pytest.mark.parametrize(
    "data, kind, said",
    [
        (np.zeros((4, 8, 8, 1), "uint8"), "shadows", "`kind` must be 'edges' or 'negatives', not 'shadows'"),
        (np.zeros((4, 8, 8, 1), "float32"), "edges", "not float32 of shape"),
        (np.zeros((1, 8, 8, 1), "uint8"), "edges", r"or more, not uint8 of shape \(1, 8, 8, 1\)"),
        (kgan.data.domains(a=np.zeros((2, 2)), b=np.zeros((2, 2))), "edges", "not several sets"),
    ],
)
def test_what_has_no_domains_is_refused(data, kind, said):
    with pytest.raises(ValueError, match=said):
        kgan.data.derived_domains(data, kind)
