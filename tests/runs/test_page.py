"""The page of a run, and the diagnosis that it shows."""

import html.parser
import signal
from argparse import Namespace
from pathlib import Path

import keras
import numpy as np
import pytest

import kgan
from kgan.runs import Task
from kgan.runs.chart import chart
from kgan.runs.page import page
from kgan.runs.watching import diagnosis, sampler

OUT = Path("runs/toy")


class Reader(html.parser.HTMLParser):
    """What a page refers to and says; tags are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.attributes, self.text = [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.attributes.append((tag, dict(attributes)))
        if tag not in ("meta", "img", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.attributes.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        while self.open[-1] in ("th", "td", "tr") and self.open[-1] != tag:  # which HTML closes by itself
            self.open.pop()
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def of(self, tag):
        return [found for name, found in self.attributes if name == tag]


def read(out=OUT):
    return Reader((out / "index.html").read_text())


def task(**options):
    common = {"dataset": "ring", "epochs": 4, "batch_size": 8, "seed": 0, "out": "o", "saved_models": "m"}
    return Task("toy", Namespace(**{**common, "no_diagnosis": None, "strategy": None, **options}))


def test_a_page_shows_the_run_and_refers_to_what_is_there(toy):
    toy("--epochs", "3")
    found = read()
    (slider,) = [given for given in found.of("input") if given["type"] == "range"]
    frames = slider["data-frames"].split()
    assert frames == [f"samples/epoch-000{epoch}.png" for epoch in range(4)] and slider["max"] == "3"
    pictures = [given["src"] for given in found.of("img")]
    assert pictures[0] == frames[-1] and all((OUT / name).exists() for name in (*frames, *pictures))
    assert all(given["alt"] for given in found.of("img")) and len(found.of("svg")) == 2
    assert "Trained for 3 epochs" in found.text and "reverse_kl" in found.text and "Diagnosis" in found.text
    assert (
        "python tests/runs/toy.py --dataset ring --epochs 3" in found.text and "--resume --out runs/toy" in found.text
    )
    assert not {"src", "href"} & {
        name for tag, given in found.attributes for name in given if tag in ("script", "link")
    }
    assert "http" not in (OUT / "index.html").read_text().replace("https://arxiv.org", "")


def test_the_page_of_a_run_that_was_stopped_says_how_far_it_is(toy):
    toy.stop(signal.SIGTERM, 2)
    said = read().text
    assert "2 of 3 epochs are done" in said and "Scores" not in said and "load_model" not in said


def test_a_resumed_run_shows_the_sentences_of_all_of_it(toy):
    toy("--epochs", "4", "--out", "whole")
    toy.stop(signal.SIGTERM, 2, "--epochs", "4", "--out", "parts")
    toy("--resume", "--out", "parts")
    pages = [read(Path(out)).text for out in ("whole", "parts")]
    said = [text[text.index("Diagnosis") : text.index("Curves")] for text in pages]
    assert said[0] == said[1] and "Epoch 2" in said[0]
    # All epochs are done: nothing is looked at, and nothing is lost.
    toy("--resume", "--out", "parts")
    assert "Epoch 2" in read(Path("parts")).text


def test_a_diagnosis_changes_nothing_and_can_be_left_out(toy):
    games = [toy("--out", "with"), toy("--out", "without", "--no-diagnosis")]
    assert Path("with/diagnosis.csv").exists() and not Path("without/diagnosis.csv").exists()
    assert "Diagnosis" not in read(Path("without")).text
    values = [[keras.ops.convert_to_numpy(variable.value) for variable in game.variables] for game in games]
    assert all(map(np.array_equal, *values))


def test_where_there_is_no_diagnosis(tmp_path):
    run, gan = task(out=str(tmp_path)), kgan.GAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
    run.data = kgan.data.mixture("ring", 64)
    assert diagnosis(run, keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])) is None
    for data in (kgan.data.Batches(np.ones((64, 2))), kgan.data.mixture("ring", 15)):
        run.data = data
        assert diagnosis(run, gan) is None
    run.data, run.options.epochs = kgan.data.mixture("ring", 64), 100
    assert diagnosis(run, gan).every == 5 and sampler(run, gan).every == 2
    run.options.strategy = "mirrored"
    assert diagnosis(run, gan) is None


def test_nothing_in_a_page_is_taken_for_code(tmp_path):
    run = task(dataset='./<script>alert("1")</script>&', out=str(tmp_path), seed=0)
    found = {"scores": {"<b>": float("nan")}, "floors": {}}
    said = Namespace(said=[(1, "<img src=x>")], history=[], centres=None)
    text = page(run, said, found)
    assert text.count("<script") == 1 and "<img src=x>" not in text and "<b></th>" not in text
    assert "./<script>" in Reader(text).text


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0], [1.0, float("nan"), 3.0, 4.0], [float("nan")] * 3])
def test_curves_of_any_values(values):
    drawn = chart(list(range(1, len(values) + 1)), {"a_b": values}, "A & B")
    assert ("nan" not in drawn.split("<figcaption>")[0]) and ("A &amp; B: a b" in drawn) == np.isfinite(values).any()
