"""The reproduction table: trains a recipe seed by seed, scores it, and keeps what came of it in
saved_models/results.jsonl.

    python recipes/tools/reproduce.py r3gan mnist --seeds 3 --data-dir ~/tensorflow_datasets    # append three lines
    python recipes/tools/reproduce.py r3gan grid --seeds 3
    python recipes/tools/reproduce.py r3gan grid --rerun            # run again, and replace the line
    python recipes/tools/reproduce.py --table                     # write saved_models/README.md's tables from the lines

A line has the scores, each named after its protocol, their floors (real against real, same sizes), seed, commit,
command, wall time of the training and hardware. A run that has its line is not repeated: the line is printed as
"stored"; one that was cut short is resumed.
"""

import argparse
import json
import platform
import shlex
import subprocess
import sys
from pathlib import Path

import results
from catalogue import ROOT, variants
from tables import IMAGES, TRANSLATED, write_tables

from kgan.runs.folder import commit, read_record
from kgan.runs.machine import cores

# What saved_models/ shows.
SHOWN = (*IMAGES, *TRANSLATED)


def stored(variant, dataset, seed):
    """The line of a run in results.jsonl, or None."""
    return next((line for line in results.lines() if results.key(line) == (variant, dataset, seed)), None)


def reproduce(variant, dataset, seed, data_dir, rerun=False):
    """Make or resume a run and keep its line, in place of an older one; with `rerun` from the start in any case."""
    recipe, _, options = variants()[variant]
    out = Path("runs") / "reproduce" / f"{variant}-{dataset}-{seed}"
    # The first seed of such a set, with the recipe's own settings, is what saved_models/ shows.
    target = ROOT / "saved_models" if dataset in SHOWN and seed == 0 and not options else out / "saved_models"
    command = ["python", f"recipes/{recipe}.py", "--dataset", dataset, *options, "--seed", str(seed)]
    where = ["--out", str(out), *(["--saved-models", str(target)] if "keras_pattern" not in recipe else [])]
    where += ["--data-dir", data_dir] if data_dir else []
    resume = ["--resume"] if not rerun and (out / "run.json").exists() and (out / "checkpoint").exists() else []
    print(f"{shlex.join(command)} ...", file=sys.stderr, flush=True)
    code = "unknown"
    if rerun or not (out / "scores.json").exists():
        code = commit()
        program = [sys.executable, str(ROOT / command[1]), *command[2:], *where, *resume]
        subprocess.run(program, check=True, stdout=subprocess.DEVNULL)
    measured = json.loads((out / "scores.json").read_text())
    line = {
        **{"variant": variant, "dataset": dataset, "seed": seed},
        **{name: measured[name] for name in ("scores", "floors", "seconds")},
        # The code that made the run, which need not be today's.
        **{"command": shlex.join(command), "commit": "+".join((read_record(out) or {}).get("commits", [code]))},
        "hardware": f"{cores()}, {platform.machine()}, {platform.system()}",
    }
    results.keep(line)
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", nargs="?", choices=variants())
    parser.add_argument("dataset", nargs="?")
    parser.add_argument("--seeds", type=int, default=1, help="how many, from 0 on")
    parser.add_argument("--data-dir", help="where TFDS data lie")
    parser.add_argument("--rerun", action="store_true", help="run again from the start, and replace the line")
    parser.add_argument("--results", type=Path, metavar="FILE", help="the lines (default: saved_models/results.jsonl)")
    parser.add_argument("--table", action="store_true", help="write the tables of saved_models/README.md")
    options = parser.parse_args()
    if not options.table and not (options.variant and options.dataset):
        parser.error("name a variant and a data set, or ask for --table")
    if options.results is not None:
        results.RESULTS = options.results
    for seed in range(options.seeds if options.variant else 0):
        line = None if options.rerun else stored(options.variant, options.dataset, seed)
        said = "stored: " if line else ""
        line = line or reproduce(options.variant, options.dataset, seed, options.data_dir, options.rerun)
        print(f"{said}{json.dumps(line['scores'])} {line['seconds']:.0f} s", flush=True)
    if options.table:
        write_tables()


if __name__ == "__main__":
    main()
