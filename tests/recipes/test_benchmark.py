"""What recipes/tools/benchmark.py counts, and that the games it times are the same ones."""

import dataclasses
import importlib

import keras
import numpy as np
import pytest
from harness import ROOT


@pytest.fixture
def benchmark(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "recipes" / "tools"))
    return importlib.import_module("benchmark")


def test_multiplications_of_a_step(benchmark):
    hidden = 128 + 2 * 128 * 128
    generator, discriminator = 2 * (128 + hidden + 128 * 2), 2 * (128 + hidden + 128)
    # G: forwards and two gradients. D: three passes' worth on real and on generated points, and two for G's move.
    assert benchmark.gigaflops(benchmark.CASES["toy"]) == pytest.approx(
        256 * (3 * generator + 8 * discriminator) / 1e9, rel=0.01
    )
    # A convolution multiplies at each of its outputs, a transposed one at each of its inputs.
    network = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Conv2D(5, 4, 2, "same"), keras.layers.Conv2DTranspose(7, 4, 2, "same")]
    )
    assert benchmark.forward(network) == 2 * (16 * 4 * 4 * 3 * 5 + 16 * 4 * 4 * 5 * 7)


@pytest.mark.parametrize("name", ["dcgan28", "dcgan64", "wgan_gp28", "sngan32", "r3gan28", "toy"])
def test_every_case_is_the_same_game_in_pytorch(benchmark, name):
    torch = pytest.importorskip("torch")
    loops = importlib.import_module("pytorch_loops")
    case = benchmark.CASES[name]
    assert benchmark.gigaflops(case) > 0
    game = loops.Game(dataclasses.replace(case, batch=4), channels_last=True, bfloat16=False)
    # (A normalized weight is stored as it is before its norm.)
    for player, mine in zip((game.generator, game.discriminator), benchmark.players(case)):
        assert sum(parameter.numel() for parameter in player.parameters()) == sum(
            np.prod(weight.shape) for weight in mine.trainable_weights
        )
    before = [
        parameter.detach().clone() for parameter in (*game.generator.parameters(), *game.discriminator.parameters())
    ]
    game.step(benchmark.batches(dataclasses.replace(case, batch=4), 1))
    after = [*game.generator.parameters(), *game.discriminator.parameters()]
    assert all(torch.isfinite(parameter).all() for parameter in after)
    moved = sum(not torch.equal(parameter, old) for parameter, old in zip(after, before))
    assert moved >= len(after) - 2, "all but biases that a game is blind to move"


def test_critic_moves_in_bfloat16_see_the_weights_of_the_move_before(benchmark):
    torch = pytest.importorskip("torch")
    loops = importlib.import_module("pytorch_loops")
    case = dataclasses.replace(benchmark.CASES["wgan_gp28"], filters=4, batch=8)
    game, seen = loops.Game(case, channels_last=False, bfloat16=True), []
    loss = game.discriminator_loss
    game.discriminator_optimizer.param_groups[0]["lr"] = 0.05  # a step that bfloat16 tells apart
    game.discriminator_loss = lambda real, fake: (
        seen.append(game.discriminator(torch.ones_like(fake)).mean().item()) or loss(real, fake)
    )
    game.step(benchmark.batches(case, 1))
    assert len(set(seen)) == case.critic_steps, seen


def test_a_table_and_a_plot(benchmark, tmp_path):
    import rich.console

    figures = {"images_per_second": 100.0, "spread": [90.0, 110.0], "first_step": 1.5, "peak_megabytes": 700.0}
    results = {
        "kgan, TensorFlow": figures,
        "PyTorch": {**figures, "images_per_second": 50.0},
        benchmark.PIPELINE: {**figures, "images_per_second": 1e6},
    }
    console = rich.console.Console(width=120, record=True)
    console.print(
        benchmark.table("dcgan28", benchmark.CASES["dcgan28"], results, {"float32": 200.0, "bfloat16": 400.0})
    )
    row = next(line for line in console.export_text().splitlines() if "PyTorch" in line)
    # 22.08 GFLOP a step of 64: 50 images a second are 17.25 GFLOP/s.
    assert "2.00x" in row and "9%" in row and "90-110" in row
    benchmark.plot({"dcgan28": results}, tmp_path / "speed.png")
    assert (tmp_path / "speed.png").stat().st_size > 1000


def test_turns_of_other_batches_are_as_long(benchmark):
    case = benchmark.CASES["dcgan28"]
    turns = [benchmark.timed(case, {"kind": "kgan", "batch": batch}) for batch in benchmark.BATCHES]
    assert {turn.batch * turn.steps for turn in turns} == {case.batch * case.steps} and turns[0].batch == 32


def test_contenders_take_turns(benchmark):
    case = dataclasses.replace(benchmark.CASES["toy"], batch=16, steps=4)
    figures = benchmark.compare(case, {"kgan": {"kind": "kgan", "backend": keras.config.backend()}})["kgan"]
    assert figures["spread"][0] <= figures["images_per_second"] <= figures["spread"][1]
    assert figures["first_step"] > 0 and figures["peak_megabytes"] > 50
