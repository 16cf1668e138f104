"""Every line of code that the docstrings and the README files show runs, and prints what is said that it prints.

The quick run cuts epochs short and compiles nothing; `pytest -m slow` runs each line as its reader would.
"""

import ast
import contextlib
import copy
import doctest
import io
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import keras
import numpy as np
import pytest
from harness import ROOT, images
from PIL import Image

import kgan

DOCUMENTS = {name: (ROOT / name).read_text() for name in ("README.md", "recipes/README.md", "saved_models/README.md")}
SHARED = Path(os.environ.get("TFDS_DATA_DIR", ROOT.parent / "shared" / "tfds"))
EXAMPLES = [
    (f"{path.relative_to(ROOT).with_suffix('').as_posix().replace('/', '.')}.{node.name}", ast.get_docstring(node))
    for path in sorted((ROOT / "kgan").rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and ">>>" in (ast.get_docstring(node) or "")
]
# Samples that an epoch of the quick run has: enough for each class to be among them.
FEW = 64
# What is not a whole number: its last digits are a processor's.
NUMBER = re.compile(r"-?\d+\.\d*(?:e-?\d+)?")
# These take 10,000 samples, which is their protocol.
SLOW = {"kgan.metrics.frechet_distance.FrechetDistance", "kgan.metrics.perceptual_path_length.perceptual_path_length"}
LENGTHS = pytest.mark.parametrize("quick", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["quick", "whole"])


def blocks(language):
    """Code blocks of the README files, each under the heading that it stands below."""
    found = []
    lines = r"^#+ (?P<heading>[^\n]+)$|^```(?P<language>\w+)\n(?P<code>.*?)^```$"
    for document in DOCUMENTS.values():
        heading = None
        for match in re.finditer(lines, document, re.MULTILINE | re.DOTALL):
            heading = match["heading"] or heading
            if match["language"] == language:
                found.append(pytest.param(heading, match["code"], id=heading))
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to run in, with what lines presume in it: prepared data sets and the trained models."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TFDS_DATA_DIR", str(SHARED))
    # TFDS read the variable when another test imported it.
    if constants := sys.modules.get("tensorflow_datasets.core.constants"):
        monkeypatch.setattr(constants, "DATA_DIR", str(SHARED))
    Path("tensorflow_datasets").symlink_to(SHARED)
    Path("saved_models").symlink_to(ROOT / "saved_models")
    return tmp_path


@pytest.fixture
def brief(quick, monkeypatch):
    """In the quick run there are two epochs at most, of a step or two, which run line by line."""
    if not quick:
        yield
        return
    fit = kgan.engine.AdversarialModel.fit

    def fit_briefly(game, x, y=None, epochs=1, **options):
        if isinstance(x, kgan.data.Batches):
            x = copy.copy(x)
            x.images = keras.tree.map_structure(lambda array: array[:FEW], x.images)
            x.labels = None if x.labels is None else keras.tree.map_structure(lambda array: array[:FEW], x.labels)
            x.count, x._drawn = min(x.count, FEW), {}
        elif isinstance(x, np.ndarray):
            x, y = x[:FEW], None if y is None else y[:FEW]
        return fit(game, x, y, epochs=min(epochs, 2), **options)

    monkeypatch.setattr(kgan.engine.AdversarialModel, "fit", fit_briefly)
    eagerly(True)
    yield
    eagerly(False)


def eagerly(whether):
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.run_functions_eagerly(whether)


def game():
    """A game of images between the smallest players, compiled."""
    layers = keras.layers
    generator = keras.Sequential([keras.Input((4,)), layers.Dense(256, "tanh"), layers.Reshape((16, 16, 1))])
    gan = kgan.GAN(generator, keras.Sequential([keras.Input((16, 16, 1)), layers.Flatten(), layers.Dense(1)]), seed=0)
    gan.compile()
    return gan


def prepare(code):
    """Make the photographs that the code reads; skip where it reads data that are not here."""
    if re.search(r'load\("mnist"|stacked_mnist\(', code) and not (SHARED / "mnist").is_dir():
        pytest.skip("needs MNIST, as TFDS prepares it, in TFDS_DATA_DIR or ../shared/tfds")
    # Photographs, and pictures of two sides.
    for folder, shape in (("photos", (80, 72, 3)), ("facades/train", (40, 80, 3))):
        if f'"{folder}"' in code:
            Path(folder).mkdir(parents=True)
            for index, photograph in enumerate((images(64, shape) * 127.5 + 127.5).astype("uint8")):
                Image.fromarray(photograph).save(f"{folder}/{index}.png")


class Checker(doctest.OutputChecker):
    """Numbers agree to six digits; an example that shows no output may print some: a progress bar, a history."""

    def check_output(self, want, got, optionflags):
        wanted, found = ([float(number) for number in NUMBER.findall(text)] for text in (want, got))
        agree = len(wanted) == len(found) and np.allclose(wanted, found, rtol=1e-6, atol=0)
        want, got = (NUMBER.sub("0.", text) if agree else text for text in (want, got))
        return not want or super().check_output(want, got, optionflags)


@LENGTHS
@pytest.mark.parametrize(("name", "docstring"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_docstrings(name, docstring, quick, folder, brief):
    if quick and name in SLOW:
        pytest.skip("takes ten thousand samples: a slow test")
    prepare(docstring)
    # What an example may presume: a reader's imports, a compiled game and its data.
    train = kgan.data.Batches(images(16, (16, 16, 1)))
    presumed = {"np": np, "keras": keras, "kgan": kgan, "gan": game(), "train": train}
    test, said = doctest.DocTestParser().get_doctest(docstring, presumed, name, None, 0), []
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    doctest.DocTestRunner(Checker(), verbose=False, optionflags=options).run(test, out=said.append)
    assert not said, "".join(said)


def test_no_example_is_looked_for_in_vain():
    """What runs above is found by reading: as many docstrings as there are with `>>>` anywhere."""
    assert len(EXAMPLES) == len({name for name, _ in EXAMPLES})
    sources = [path.read_text() for path in (ROOT / "kgan").rglob("*.py")]
    lines = sum(line.lstrip().startswith(">>> ") for source in sources for line in source.splitlines())
    assert lines == sum(example.count(">>> ") for _, example in EXAMPLES)
    assert {name for name, _ in EXAMPLES} >= SLOW


def presumed_by(heading):
    """What a block of the README takes from its reader; the others begin at nothing."""
    if heading == "Your own data, networks and loss":
        return {"kgan": kgan}
    if heading == "Measure":
        random = np.random.default_rng(0)
        sets = {"train": kgan.data.digits(16), "test": kgan.data.glyphs(10_000, size=16)}
        features = {f"{name}_features": random.normal(size=(50, 8)) for name in ("real", "generated")}
        return {"keras": keras, "kgan": kgan, "gan": game(), **sets, **features}
    return {}


@LENGTHS
@pytest.mark.parametrize(("heading", "code"), blocks("python"))
def test_readme(heading, code, quick, folder, brief):
    if quick and heading == "Measure":
        pytest.skip("takes ten thousand samples: a slow test")
    if "tensorflow" in code:
        pytest.importorskip("tensorflow")
    prepare(code)
    names = presumed_by(heading)
    exec(compile(code, f"README.md, {heading}", "exec"), names)
    if heading == "A game of your own":
        check_own_game(**names)


def check_own_game(model, small, large, images, **_):
    """A game of one's own is loaded whole, is served, and goes on from its checkpoint."""
    loaded = keras.saving.load_model("super_resolution.keras")
    assert type(loaded) is type(model) and loaded.weight == model.weight
    np.testing.assert_allclose(loaded.predict(small[:8], verbose=0), images, atol=1e-6)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        model.fit(small, large, epochs=2, verbose=0, callbacks=[kgan.callbacks.Checkpoint("checkpoint")])
    assert "all 2 epochs are done" in said.getvalue()
    model.export("served", verbose=False)
    if keras.config.backend() == "tensorflow":
        import tensorflow as tf

        served = tf.saved_model.load("served")
        np.testing.assert_allclose(served.serve(small[:8]), images, atol=1e-5)


def commands():
    """Every `python FILE ...` of the README files, in their blocks and in their sentences."""
    sentences = (re.findall(r"(?<!`)`([^`]+)`(?!`)", document) for document in DOCUMENTS.values())
    texts = [block.values[1] for block in blocks("sh")] + [
        " ".join(text.split()) for found in sentences for text in found
    ]
    program = re.compile(r"python (recipes/\S+\.py(?: [^&|\n]*)?)")
    return sorted({command for text in texts for command in program.findall(text)})


@pytest.mark.parametrize("command", commands())
def test_commands_name_files_and_options_that_exist(command):
    program, *arguments = shlex.split(command)
    source = (ROOT / program).read_text() + (ROOT / "kgan/runs/command_line.py").read_text()
    for argument in arguments:
        assert not argument.startswith("--") or f'"{argument.split("=")[0]}"' in source, argument


@pytest.mark.parametrize(("heading", "code"), blocks("sh"))
def test_shell_blocks_parse_and_name_extras_that_exist(heading, code):
    assert subprocess.run(["bash", "-n", "-c", code], capture_output=True).returncode == 0
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(re.findall(r"\.\[(\w+)\]", "".join(DOCUMENTS.values()))) <= set(extras)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_and_pictures_are_there(document):
    text = DOCUMENTS[document]
    targets = {*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'src="([^"]+)"', text)}
    for target in targets:
        path, _, heading = target.partition("#")
        if "://" in path:
            continue
        found = (ROOT / document).parent / path
        assert found.exists(), target
        headings = (
            [line.lstrip("# ").lower().replace(" ", "-") for line in found.read_text().splitlines()] if heading else []
        )
        assert not heading or heading in headings, target
    assert all("alt=" in picture for picture in re.findall("<img [^>]*>", text))


def test_the_readme_is_short():
    assert len(DOCUMENTS["README.md"].encode()) <= 14_000
