"""The lines of results: reading them, and putting one in its place."""

import json

from catalogue import ROOT

from kgan.runs.lock import Lock

RESULTS = ROOT / "saved_models" / "results.jsonl"


def key(line):
    """What a line is of: variant, data set and seed."""
    return line["variant"], line["dataset"], line["seed"]


def keep(line):
    """Write a line into the file, at the place of the one of the same run or at the end."""
    from kgan.callbacks.directories import replace_text

    # Several seeds may run side by side.
    with Lock(RESULTS.with_name(f".{RESULTS.name}.kgan-lock"), wait=True):
        kept = [json.loads(text) for text in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
        places = [index for index, other in enumerate(kept) if key(other) == key(line)]
        kept[slice(places[0], places[0] + 1) if places else slice(len(kept), None)] = [line]
        replace_text(RESULTS, "".join(json.dumps(line, allow_nan=False) + "\n" for line in kept))


def lines():
    """All lines, oldest first; infinity and NaN, which JSON lacks, stand there as text."""
    found = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    for line in found:
        for kind in ("scores", "floors"):
            line[kind] = {name: float(value) if isinstance(value, str) else value for name, value in line[kind].items()}
    return found
