"""What lies where a recipe writes: never lost, never mixed, whatever happens."""

import contextlib
import csv
import json
import os
import shlex
import signal
from argparse import Namespace
from pathlib import Path

import keras
import numpy as np
import pytest
from harness import ROOT
from programs import contents, start, wait_for

import kgan
from kgan.runs import Ended, Mistake, Task, read_history, run
from kgan.runs import folder as run_folder
from kgan.runs.data_sets import slug
from kgan.runs.machine import slow_in_bfloat16
from kgan.runs.model_folder import put_model, stranger
from kgan.runs.pictures import sample_pictures
from kgan.runs.stopping import asked_to_stop

OUT, MODEL = Path("runs/toy"), Path("saved_models/toy-ring")


def rows(out):
    """The history without its times."""
    with (out / "history.csv").open(newline="") as file:
        return [
            {name: value for name, value in row.items() if name not in ("seconds", "samples_per_second")}
            for row in csv.DictReader(file)
        ]


def weights(gan):
    return [keras.ops.convert_to_numpy(variable.value) for variable in [*gan.variables, *gan.optimizer.variables]]


def full_disk(*_, **__):
    raise OSError(28, "No space left on device")


def test_stopped_and_resumed_equals_uninterrupted_and_everything_promised_is_there(toy, capsys):
    whole = toy("--out", "whole")
    ended = [toy.stop(signal.SIGTERM, 1, "--out=-x"), toy.stop(signal.SIGHUP, 1, "--resume", "--out=-x")]
    assert [end.code for end in ended] == [128 + signal.SIGTERM, 128 + signal.SIGHUP]
    assert str(ended[1]).startswith("Stopped in epoch 2 of 3 and saved.")
    assert [row["epoch"] for row in rows(Path("-x"))] == ["1"] and Path("-x/losses.png").exists()
    python, script, *command = shlex.split(str(ended[1]).splitlines()[-1])
    assert (python, script) == ("python", toy.recipe.__file__)
    refused = toy.mistake(*command, "--batch-size", "32")
    assert "has --batch-size 25000, not 32" in refused
    model = toy(*command)
    assert rows(Path("-x")) == rows(Path("whole")) and len(rows(Path("-x"))) == 3
    assert all(map(np.array_equal, weights(model), weights(whole)))

    out, printed = Path("-x"), capsys.readouterr().out
    assert (out / "samples/film.gif").exists() and len(list((out / "samples").glob("*.png"))) == 4
    assert "modes  " in printed and "(floor 8)" in printed and not list(out.glob(".*"))
    card = (MODEL / "README.md").read_text()
    assert (
        "`python tests/runs/toy.py --dataset ring --epochs 3 --batch-size 25000 --seed 0 --precision float32`" in card
    )
    assert (
        "| reverse_kl |" in card
        and (MODEL / "samples.png").read_bytes() == (out / "samples/epoch-0003.png").read_bytes()
    )
    assert (MODEL / "saved_model.pb").exists() or (MODEL / "toy-ring.keras").exists()
    # The code on the card goes on with the game, whose own rate is 0 by now.
    assert "Its learning rate has fallen to 0" in card
    code = card.split("```python\n")[-1].split("```")[0]
    space = {}
    exec(code, space)
    assert all(map(np.array_equal, weights(space["gan"])[:4], weights(whole)[:4]))
    assert (
        float(space["gan"].generator_optimizer.learning_rate) == pytest.approx(1e-4) and space["gan"].ema_decay == 0.9
    )
    space["gan"].fit(np.zeros((8, 2), "float32"), verbose=0)


def test_a_run_that_is_killed_lets_go_of_its_folder(toy, tmp_path):
    process = start(tmp_path, toy.recipe.__file__, "--epochs", "39")
    try:
        wait_for(process, "epoch 2/39")
        before = contents(OUT / "checkpoint")
        assert f"another run (process {process.pid}) writes into 'runs/toy'" in toy.mistake("--resume")
        assert "another run" in toy.mistake()
    finally:
        process.kill()
        process.communicate()
    done = len(rows(OUT))
    assert before and done >= 1
    toy("--resume", "--epochs", str(done + 2))
    assert [row["epoch"] for row in rows(OUT)] == [str(epoch + 1) for epoch in range(done + 2)]


def test_a_new_run_moves_an_older_one_aside_whole(toy, capsys):
    toy("--epochs", "1")
    (OUT / "notes.txt").write_text("mine")
    older, model = contents(OUT), contents(MODEL)
    toy("--epochs", "1", "--seed", "1")
    assert contents(Path("runs/toy.1")) == older and "is now in runs/toy.1." in capsys.readouterr().out
    assert not (OUT / "notes.txt").exists() and json.loads((OUT / "run.json").read_text())["seed"] == 1
    assert (
        contents(MODEL).keys() == model.keys()
        and contents(MODEL) != model
        and not Path("saved_models/toy-ring.1").exists()
    )
    toy.monkeypatch.chdir(OUT)
    assert "while you are in that folder" in toy.mistake("--out", ".")


@pytest.mark.parametrize("name", ["run.json", "checkpoint/best.pt", "samples/photo.jpg", "history.csv", "codes-0.png"])
def test_what_no_recipe_wrote_is_refused_and_stays(toy, name):
    (OUT / name).parent.mkdir(parents=True)
    (OUT / name).write_text(json.dumps({"recipe": "toy", "model": "another program's"}))
    (OUT / "log.txt").write_text("notes and logs may lie there")
    before = contents(OUT)
    assert f"holds {name.split('/')[0]!r}, which no recipe wrote: choose another --out" in toy.mistake()
    assert contents(OUT) == before


def test_runs_of_other_recipes_links_and_damaged_records_are_refused(toy, tmp_path):
    OUT.mkdir(parents=True)
    record = {"kgan": "0.1.0", "recipe": "gan", "dataset": "ring"}
    (OUT / "run.json").write_text(json.dumps(record))
    for arguments in ((), ("--resume",)):
        assert "holds a run of the recipe 'gan': choose another --out" in toy.mistake(*arguments)
    for damaged in ("", "{}", "null", "[1]", '{"recipe": "toy"}', '{"kgan": "0.1.0", "rec'):
        (OUT / "run.json").write_text(damaged)
        assert "is not the record of a run, or damaged" in toy.mistake("--resume")
        assert "'run.json', which no recipe wrote" in toy.mistake()
        assert (OUT / "run.json").read_text() == damaged
    Path("link").symlink_to(OUT.resolve())
    assert f"symbolic link: give --out the folder itself, '{OUT.resolve()}'" in toy.mistake("--out", "link")
    assert "no run to resume in 'nowhere'" in toy.mistake("--resume", "--out", "nowhere")


def test_the_model_folder_is_looked_at_before_training(toy):
    MODEL.parent.mkdir()
    for make in (MODEL.touch, lambda: MODEL.symlink_to(".")):
        make()
        assert "where a file or a symbolic link is: move it, or choose another --saved-models" in toy.mistake()
        MODEL.unlink()
    MODEL.mkdir()
    (MODEL / "thesis.txt").write_text("years")
    assert "'saved_models/toy-ring/thesis.txt' was not written by a recipe" in toy.mistake()
    assert contents(MODEL) == {"thesis.txt": b"years"} and not OUT.exists()


def card_of(folder, name, **files):
    folder.mkdir(parents=True)
    text = (
        f"# {name}\n\n| | |\n|---|---|\n| software | kgan 0.1.0 |\n\n![samples](samples.png)\n![codes-0](codes-0.png)\n"
    )
    for file, content in {
        "README.md": text,
        "samples.png": "1",
        "codes-0.png": "2",
        "saved_model.pb": "3",
        **files,
    }.items():
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(content)
    return contents(folder)


def test_models_that_are_kept_and_models_that_are_replaced(toy, tmp_path):
    committed = ROOT / "saved_models" / "dcgan-mnist"
    assert stranger(committed, committed.name) is None
    shards = {f"variables/variables.data-0000{shard}-of-00002": "4" for shard in range(2)}
    mine = {"photo.png": "mine"}, {"variables/mine.txt": "mine"}
    for extra, kept in ({}, False), (shards, False), *((files, True) for files in mine):
        model, new = tmp_path / "models" / "toy-ring", tmp_path / "models" / ".new"
        before = card_of(model, "toy-ring", **extra)
        card_of(new, "toy-ring", **{"saved_model.pb": "new"})
        older = put_model(new, model)
        assert (model / "saved_model.pb").read_text() == "new" and not new.exists()
        assert (older is not None) == kept and (older is None or contents(older) == before)
        model.rename(tmp_path / f"done-{len(list(tmp_path.iterdir()))}")
        if older is not None:
            older.rename(tmp_path / f"older-{len(list(tmp_path.iterdir()))}")
    card_of(tmp_path / "mine", "toy-ring")
    assert stranger(tmp_path / "mine", "another") is not None


class Killed(BaseException):
    """In place of a SIGKILL: nothing may run after it that a killed process would not run."""


@contextlib.contextmanager
def killed_before(monkeypatch, number):
    """Cut a process off before its file operation `number` and all later ones; the clean-up of `finally` changes
    nothing then.
    """
    count = [0]

    def cut(module, name):
        real = getattr(module, name)

        def operation(*arguments, **options):
            count[0] += 1
            if count[0] >= number:
                raise Killed
            return real(*arguments, **options)

        patch.setattr(module, name, operation)

    with monkeypatch.context() as patch:
        for name in ("rename", "replace", "unlink", "rmdir", "mkdir", "fsync"):
            cut(os, name)
        yield


def test_cut_off_before_any_file_operation_nothing_is_lost(toy, tmp_path, capsys):
    """The start over an earlier run and the exchange of models, cut off before their first, second, ...
    file operation.
    """
    finished, number = False, 0
    while not finished:
        number += 1
        out, model, new = (tmp_path / str(number) / name for name in ("run", "models/toy-ring", "models/.new"))
        out.mkdir(parents=True)
        task = Task("toy", Namespace(out=str(out), resume=None, dataset="ring"))
        run_folder.write_record(task)
        (out / "checkpoint").mkdir()
        (out / "checkpoint" / "whole").write_text("a checkpoint")
        (out / "notes.txt").write_text("mine")
        run, old = contents(out), card_of(model, "toy-ring")
        card_of(new, "toy-ring", **{"saved_model.pb": "new"})
        lock = None
        try:
            with killed_before(toy.monkeypatch, number):
                lock = run_folder.hold(out)
                lock = run_folder.make_room(task, lock)
                run_folder.write_record(task)
                put_model(new, model)
            finished = True
        except Killed:
            pass
        for held in (lock,) if lock is not None else ():
            held.file.close()
        places = [contents(path) for path in (out, out.with_name("run.1")) if path.exists()]
        assert any(run.items() <= place.items() for place in places)
        models = [contents(path) for path in (model, model.with_name("toy-ring.1"), new) if path.exists()]
        assert old in models or any(place.get("saved_model.pb") == b"new" for place in models)
        if not finished:
            # And the next run starts.
            out.mkdir(exist_ok=True)
            run_folder.hold(out).release()
            run_folder.check_free(out, "toy")
    assert number > 8


def test_a_damaged_history_costs_its_rows_and_no_more(toy):
    toy("--epochs", "1")
    path = OUT / "history.csv"
    good = path.read_text()
    header, row = good.splitlines()
    damages = [
        "",
        "\0" * 40,
        header,
        good[:-15],
        f"{header}\n1,0.5",
        f"{header}\n{row},7",
        good.replace("1,", "one,", 1),
        "a,b\n1,2",
        "\xff\xfe" * 9,
    ]
    task = Namespace(out=OUT)
    assert len(read_history(task)) == 1
    for damage in damages:
        path.write_text(damage, encoding="latin-1")
        with contextlib.ExitStack() as stack:
            if len(damage.splitlines()) > 1:
                stack.enter_context(pytest.warns(UserWarning, match="damaged and left out"))
            assert read_history(task) == []
    path.write_text(good[:-15])
    with pytest.warns(UserWarning, match="Line 2 of .*history.csv is damaged"):
        toy("--resume", "--epochs", "2")
    assert [row["epoch"] for row in rows(OUT)] == ["2"]


def test_a_full_disk_costs_what_goes_beside_the_run_and_no_more(toy):
    written = ("watching.write_history", "watching.write_page", "training.draw_curves", "scores.keep_scores")
    with toy.monkeypatch.context() as patch:
        for function in (*written, "export.replace_text"):
            patch.setattr(f"kgan.runs.{function}", full_disk)
        with pytest.warns(RuntimeWarning, match="No space left on device"):
            said = toy.mistake("--epochs", "1")
    assert "trained, but the model could not be written to 'saved_models/toy-ring'" in said and "No space left" in said
    assert not (OUT / "history.csv").exists() and not MODEL.exists() and not list(MODEL.parent.iterdir())
    toy(*shlex.split(said.split("`")[1])[2:])
    assert MODEL.exists() and list((OUT / "checkpoint").iterdir())


def test_where_tensorflow_cannot_write_is_a_sentence_too(toy, tmp_path):
    errors = pytest.importorskip("tensorflow").errors
    if keras.config.backend() != "tensorflow":
        pytest.skip("other backends leave the game as a file")
    from kgan.runs.export import export_generator

    class Full:
        def export(self, folder):
            raise errors.ResourceExhaustedError(None, None, "No space left on device\nand a page of it")

    with pytest.raises(OSError, match="^No space left on device$"):
        export_generator(Full(), tmp_path / "model", "model")


def test_the_record_says_which_code_ran(toy):
    toy.monkeypatch.setattr(run_folder, "commit", lambda: "one")
    toy.stop(signal.SIGTERM, 0)
    toy.monkeypatch.setattr(run_folder, "commit", lambda: "two")
    toy("--resume", "--epochs", "1")
    assert json.loads((OUT / "run.json").read_text())["commits"] == ["one", "two"]


def test_folders_of_one_name_have_runs_and_models_of_their_own(toy, tmp_path):
    for path in ("cats/train", "dogs/train", "mnist"):
        Path(path).mkdir(parents=True)
    names = [slug(path) for path in ("cats/train", "dogs/train", str(tmp_path / "cats/train"), "mnist")]
    assert names[0] == names[2] and len(set(names)) == 3 and names[0].startswith("train-") and names[3] != "mnist"
    assert slug("cycle_gan/horse2zebra") == "cycle_gan-horse2zebra"


def test_numbers_that_json_lacks_and_bars_in_a_card(toy):
    from kgan.runs.card import card

    numbers = run_folder.numbers
    text = json.dumps(numbers({"scores": {"a": float("inf"), "b": float("nan"), "c": 1.5, "d": 8}}), allow_nan=False)
    values = json.loads(text)["scores"]
    assert values == {"a": "inf", "b": "nan", "c": 1.5, "d": 8} and float(values["a"]) == float("inf")
    gan = kgan.WGAN(kgan.networks.mlp(2, 2), kgan.networks.mlp(2, 1))
    gan.compile(critic_steps=3, clip=0.2)
    task = Task(
        "toy",
        Namespace(dataset="./a|b\nc", epochs=1, batch_size=8, seed=0, precision="float32", out="o", saved_models="m"),
    )
    task.data = kgan.data.mixture("ring", 64)
    text = card(task, gan, {}, [], "SavedModel", [])
    assert "| data | ./a\\|b c, 64 samples of shape (2,) |" in text and "--dataset './a\\|b c'" in text
    assert "keras.optimizers.RMSprop(1e-4), critic_steps=3, clip=0.2)" in text
    assert "To train it on with other rates" in text
    assert "| classes |" not in text
    task.rows, task.data.class_names = range(2), ["cats", "big|dogs"]
    assert "| classes | 0 cats, 1 big\\|dogs |" in card(task, gan, {}, [], "SavedModel", [])


def test_the_latest_picture_is_the_one_of_the_highest_epoch(toy):
    (OUT / "samples").mkdir(parents=True)
    for age, name in enumerate(("epoch-0100.png", "epoch-0099.png", "photo.png", "epoch-12000.png", "epoch-0001.png")):
        (OUT / "samples" / name).touch()
        os.utime(OUT / "samples" / name, (age, age))
    assert sample_pictures(Namespace(out=OUT))[-1].name == "epoch-12000.png"


def test_a_processor_without_bfloat16(toy, tmp_path):
    for text, slow in (
        ("flags\t\t: fpu avx512f", True),
        ("flags\t\t: avx512_bf16", False),
        ("Features\t: fp asimd bf16", False),
        ("", False),
    ):
        (tmp_path / "cpuinfo").write_text(f"processor : 0\n{text}\n")
        assert slow_in_bfloat16(tmp_path / "cpuinfo") == slow
    assert not slow_in_bfloat16(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "end, code, said",
    [
        (lambda: Ended("Stopped.\n  go on", 143), 143, "Stopped.\n  go on\n"),
        (lambda: Mistake("two\n lines"), 2, "toy: two lines\n"),
        (lambda: KeyboardInterrupt(), 130, "toy: stopped at once.\n"),
    ],
    ids=["stopped", "mistake", "interrupted"],
)
def test_the_program_ends_with_a_sentence_and_a_code(toy, capsys, end, code, said):
    def main(task):
        raise end()

    toy.monkeypatch.setattr("kgan.runs.recipe.carry_out", lambda *_: main(None))
    toy.monkeypatch.setattr("sys.argv", ["toy.py"])
    with pytest.raises(SystemExit) as exit:
        run(toy.recipe.toy, "", toy.recipe.SETTINGS)
    assert exit.value.code == code and capsys.readouterr().err == said


def test_ignored_signals_stay_ignored(toy):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with asked_to_stop():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
