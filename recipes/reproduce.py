"""The reproduction table: trains a recipe seed by seed, scores it, and keeps what came of it in
saved_models/results.jsonl.

    python recipes/reproduce.py r3gan mnist --seeds 3 --data-dir ~/tensorflow_datasets    # append three lines
    python recipes/reproduce.py r3gan grid --seeds 3
    python recipes/reproduce.py r3gan grid --rerun                  # run again, and replace the line
    python recipes/reproduce.py --table                         # write README.md's tables from the lines

A line has the scores, each named after its protocol, their floors (real against real, same sizes), seed, commit,
command, wall time of the training and hardware. A run that has its line is not repeated: the line is printed as
"stored"; one that was cut short is resumed.
"""

import argparse
import json
import platform
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

from benchmark import PIPELINE
from lock import Lock
from run_folder import commit, read_record
from runner import cores

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "saved_models" / "results.jsonl"
IMAGES = ("digits", "mnist", "fashion_mnist")
# Variant: what the table calls it, its recipe, and options beside that recipe's defaults.
VARIANTS = {
    "keras_pattern": ("Keras' documented pattern", "keras_pattern", []),
    "gan": ("GAN", "gan", []),
    "pacgan": ("GAN, packing 2", "gan", ["--packing", "2"]),
    "dcgan": ("DCGAN", "dcgan", []),
    "fgan": ("FGAN", "fgan", []),
    "wgan": ("WGAN", "wgan", []),
    "wgan_gp": ("WGANGP", "wgan_gp", []),
    "sngan": ("SNGAN", "sngan", []),
    "r3gan": ("R3GAN", "r3gan", []),
    "cgan": ("CGAN", "cgan", []),
    "acgan": ("ACGAN", "acgan", []),
    "sgan": ("SGAN", "sgan", []),
    "sgan_50": ("SGAN, 50 labels", "sgan", ["--labels", "50"]),
    "sgan_25": ("SGAN, 25 labels", "sgan", ["--labels", "25"]),
    "mogan": ("MOGAN", "mogan", []),
    "mogan_0": ("MOGAN, weight 0", "mogan", ["--weight", "0"]),
    "mogan_10": ("MOGAN, weight 10", "mogan", ["--weight", "10"]),
    "infogan": ("InfoGAN", "infogan", []),
    "ebgan": ("EBGAN", "ebgan", []),
    "ebgan_grid": ("EBGAN and GAN", "ebgan_grid", []),
    "mgan": ("MGAN, 4 generators", "mgan", []),
    "mgan_plain": ("MGAN, 4 generators, diversity 0", "mgan", ["--diversity", "0"]),
    "mgan_single": ("one generator of MGAN's", "mgan", ["--single"]),
    "vaegan": ("VAEGAN", "vaegan", []),
    "vae": ("VAE of the same networks", "vaegan", ["--vae"]),
    "bigan": ("BiGAN", "bigan", []),
    "stacked_dcgan": ("DCGAN", "stacked_mnist", ["--game", "dcgan"]),
    "stacked_pacgan": ("DCGAN, packing 2", "stacked_mnist", ["--game", "pacgan"]),
    "stacked_wgan_gp": ("WGANGP", "stacked_mnist", ["--game", "wgan_gp", "--epochs", "10"]),
    "stacked_r3gan": ("R3GAN", "stacked_mnist", ["--game", "r3gan"]),
}

# ---- running ---------------------------------------------------------------------------------------------------------


def stored(variant, dataset, seed):
    """The line of a run in results.jsonl, or None."""
    return next((line for line in lines() if key(line) == (variant, dataset, seed)), None)


def key(line):
    return line["variant"], line["dataset"], line["seed"]


def reproduce(variant, dataset, seed, data_dir, rerun=False):
    """Make or resume a run and keep its line, in place of an older one; with `rerun` from the start in any case."""
    _, recipe, options = VARIANTS[variant]
    out = Path("runs") / "reproduce" / f"{variant}-{dataset}-{seed}"
    # The first seed of an image set, with the recipe's own settings, is what saved_models/ shows.
    target = ROOT / "saved_models" if dataset in IMAGES and seed == 0 and not options else out / "saved_models"
    command = ["python", f"recipes/{recipe}.py", "--dataset", dataset, *options, "--seed", str(seed)]
    where = ["--out", str(out), *(["--saved-models", str(target)] if recipe != "keras_pattern" else [])]
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
    keep(line)
    return line


def keep(line):
    """Write a line into results.jsonl, at the place of the one of the same run or at the end."""
    from kgan.callbacks.directories import replace_text

    # Several seeds may run side by side.
    with Lock(RESULTS.with_name(f".{RESULTS.name}.kgan-lock"), wait=True):
        kept = [json.loads(text) for text in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
        places = [index for index, other in enumerate(kept) if key(other) == key(line)]
        kept[slice(places[0], places[0] + 1) if places else slice(len(kept), None)] = [line]
        replace_text(RESULTS, "".join(json.dumps(line, allow_nan=False) + "\n" for line in kept))


def lines():
    """All lines of results.jsonl, oldest first; infinity and NaN, which JSON lacks, stand there as text."""
    found = [json.loads(line) for line in RESULTS.read_text().splitlines()] if RESULTS.exists() else []
    for line in found:
        for kind in ("scores", "floors"):
            line[kind] = {name: float(value) if isinstance(value, str) else value for name, value in line[kind].items()}
    return found


# ---- the table -------------------------------------------------------------------------------------------------------

PACGAN = "[Lin 2018](https://arxiv.org/abs/1712.04086): 10 runs ± standard error, 400,000 iterations"
VEEGAN = "[Srivastava 2017](https://arxiv.org/abs/1705.07761): 5 runs"
UNROLLED = "Lin 2018 after Metz 2017: 25,600 samples, 50 runs ± standard error, 500,000 iterations"
LUCIC = "Lucic 2018: InceptionV3's features, 10,000 samples, best of 100 settings, 50 seeds; quoted by Dai 2019"
# Data set: rows of game, scores as published, protocol.
PUBLISHED_MIXTURES = {
    "ring": [
        ("GAN", "6.3 ± 0.5", "98.2 ± 0.2 %", "0.45 ± 0.09", PACGAN),
        ("PacGAN2", "7.9 ± 0.1", "95.6 ± 2.0 %", "0.07 ± 0.03", PACGAN),
        ("PacGAN4", "7.8 ± 0.1", "95.9 ± 1.4 %", "0.07 ± 0.02", PACGAN),
        ("VEEGAN", "8", "52.9 %", "", VEEGAN),
    ],
    "grid": [
        ("GAN", "17.3 ± 0.8", "94.8 ± 0.7 %", "0.70 ± 0.07", PACGAN),
        ("PacGAN2", "23.8 ± 0.7", "91.3 ± 0.8 %", "0.13 ± 0.04", PACGAN),
        ("PacGAN4", "24.8 ± 0.2", "93.6 ± 0.6 %", "0.04 ± 0.01", PACGAN),
        ("VEEGAN", "24.6", "40 %", "", VEEGAN),
    ],
}
PUBLISHED_STACKED = [
    ("DCGAN", "78.5 ± 17.6", "5.21 ± 0.19", UNROLLED),
    ("PacDCGAN2", "484.5 ± 33.0", "2.61 ± 0.22", UNROLLED),
    ("PacDCGAN4", "667.4 ± 29.0", "1.81 ± 0.15", UNROLLED),
]
PUBLISHED_FID = {
    ("gan", "mnist"): "6.8 ± 0.5",
    ("dcgan", "mnist"): "6.8 ± 0.5",
    ("wgan", "mnist"): "6.7 ± 0.4",
    ("wgan_gp", "mnist"): "20.3 ± 5.0",
    ("gan", "fashion_mnist"): "26.5 ± 1.6",
    ("dcgan", "fashion_mnist"): "26.5 ± 1.6",
    ("wgan", "fashion_mnist"): "21.5 ± 1.6",
    ("wgan_gp", "fashion_mnist"): "24.5 ± 2.1",
}

# Beginning of a score's name: what the table calls it.
FIGURES = {
    "class_accuracy": "class accuracy by the judge",
    "class_ms_ssim": "MS-SSIM within classes",
    "wrong_labels_refused": "real images refused under a wrong label",
    "right_labels_refused": "real images refused under their own label",
    "own_label_preferred": "real images that score higher under their own label",
    "accuracy_": "accuracy on the test split",
    "class_error": "error of the categories as classes",
    "categorical_information": "information in the categories, of 2.30 nats",
    "correlation_": "correlation of a number with the factor",
    "share_above_": "share of settings above the score",
    "mean_score_": "mean score over settings",
    "head_start_ahead": "moments at which the pretrained start is ahead",
    "modes_of_a_generator": "modes that hold 90 % of a generator's samples",
    "confidence_of_the_": "mean confidence",
    "confidence_with_quality": "rank correlation of confidence and quality over a run",
    "class_kept": "reconstructions of the same class",
    "pixel_error": "squared error of a reconstructed pixel",
    "nearest_neighbour_accuracy": "1-NN accuracy before the encoder's output",
}
# Of these less is better.
LESS = ("class_error", "pixel_error", "class_ms_ssim", "modes_of_a_generator")
ODENA = "[Odena 2016](https://arxiv.org/abs/1606.01583), best of a search"
PUBLISHED_FIGURES = {
    "accuracy_100_labels": f"0.928, {ODENA}",
    "accuracy_50_labels": f"0.883, {ODENA}",
    "accuracy_25_labels": f"0.802, {ODENA}",
    "accuracy_100_labels_without_generator": f"0.895, {ODENA}",
    "accuracy_50_labels_without_generator": f"0.859, {ODENA}",
    "accuracy_25_labels_without_generator": f"0.750, {ODENA}",
    "class_error": "0.05, [Chen 2016](https://arxiv.org/abs/1606.03657)",
    "nearest_neighbour_accuracy": "0.974, [Donahue 2017](https://arxiv.org/abs/1605.09782), 400 epochs",
}


def spread(values, form):
    """Mean and, of several values, their standard deviation."""
    deviation = f" ± {statistics.stdev(values):{form}}" if len(values) > 1 else ""
    return f"{statistics.mean(values):{form}}{deviation}"


def rows(kind):
    """`(dataset, variant)` to its lines, for the data sets of a kind, in the order of `VARIANTS`."""
    order = list(VARIANTS)
    chosen = sorted(
        (line for line in lines() if line["dataset"] in kind),
        key=lambda line: (kind.index(line["dataset"]), order.index(line["variant"])),
    )
    grouped = {}
    for line in chosen:
        grouped.setdefault((line["dataset"], line["variant"]), []).append(line)
    return grouped


def seconds(group):
    minutes = statistics.mean(line["seconds"] for line in group) / 60
    return f"{minutes:.1f} min"


def mixture_table():
    header = [
        "| data | game | runs | modes | high quality | reverse KL | a run | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    table = []
    groups = rows(tuple(PUBLISHED_MIXTURES))
    for dataset, published in PUBLISHED_MIXTURES.items():
        mine = {variant: group for (name, variant), group in groups.items() if name == dataset}
        if not mine:
            continue
        floors = next(iter(mine.values()))[0]["floors"]
        table.append(
            f"| {dataset} | true samples | | {floors['modes']} | {100 * floors['high_quality']:.1f} % | "
            f"{floors['reverse_kl']:.4f} | | the floor |"
        )
        for variant, group in mine.items():
            scores = [line["scores"] for line in group]
            modes, kl = spread([s["modes"] for s in scores], ".1f"), spread([s["reverse_kl"] for s in scores], ".4f")
            share = spread([100 * s["high_quality"] for s in scores], ".1f")
            table.append(
                f"| {dataset} | **{VARIANTS[variant][0]}** | {len(group)} | {modes} | {share} % | {kl} | "
                f"{seconds(group)} | |"
            )
        table += [
            f"| {dataset} | {game} | | {modes} | {share} | {kl} | | {protocol} |"
            for game, modes, share, kl, protocol in published
        ]
    return header + table if table else []


def image_table():
    header = [
        "| data | game | runs | FID | floor | precision | recall | a run | published FID |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    table = []
    for (dataset, variant), group in rows(IMAGES).items():
        if not any(name.startswith("fid") for name in group[0]["scores"]):
            continue
        cells = {}
        for column, prefix in (("fid", "fid"), ("precision", "precision"), ("recall", "recall")):
            name = next(name for name in group[0]["scores"] if name.startswith(prefix))
            cells[column] = spread([line["scores"][name] for line in group], ".2f")
            if column == "fid":
                floor, protocol = group[0]["floors"][name], name
        published = PUBLISHED_FID.get((variant, dataset), "none")
        table.append(
            f"| `{protocol}` | **{VARIANTS[variant][0]}** | {len(group)} | {cells['fid']} | {floor:.3f} | "
            f"{cells['precision']} | {cells['recall']} | {seconds(group)} | {published} |"
        )
    return [*header, *table, "", f"Published: {LUCIC}."] if table else []


def stacked_table():
    header = ["| game | runs | modes of 1000 | KL | a run | source |", "|---|---|---|---|---|---|"]
    groups, table = rows(("stacked_mnist",)), []
    for (_, variant), group in groups.items():
        modes, kl = (next(name for name in group[0]["scores"] if name.startswith(part)) for part in ("modes", "kl"))
        floors, scores = group[0]["floors"], [line["scores"] for line in group]
        if not table:
            table.append(f"| true stacks | | {floors[modes]:.0f} | {floors[kl]:.3f} | | the floor |")
        cells = [
            spread([score[modes] for score in scores], ".0f"),
            spread([score[kl] for score in scores], ".2f"),
            seconds(group),
        ]
        table.append(f"| **{VARIANTS[variant][0]}** | {len(group)} | {' | '.join(cells)} | 26,000 samples |")
    return (
        [*header, *table, *(f"| {game} | | {modes} | {kl} | | {text} |" for game, modes, kl, text in PUBLISHED_STACKED)]
        if table
        else []
    )


def figure_table():
    """What single games show beside samples: one row a figure."""
    header = ["| data | game | runs | figure | value | floor | published |", "|---|---|---|---|---|---|---|"]
    table = []
    for (dataset, variant), group in rows((*IMAGES, "glyphs", *PUBLISHED_MIXTURES)).items():
        for name in group[0]["scores"]:
            prefix = next((prefix for prefix in FIGURES if name.startswith(prefix)), None)
            if prefix is None:
                continue
            values = [line["scores"][name] for line in group]
            value = spread(values, ".3f")
            if len(values) > 1:
                best = (min if name.startswith(LESS) else max)(values)
                value += f" (best {best:.3f}, median {statistics.median(values):.3f})"
            rest = name.removeprefix(prefix).strip("_").replace("_", " ")
            floor = f"{group[0]['floors'][name]:.3f}" if name in group[0]["floors"] else ""
            figure = f"{FIGURES[prefix]}{f', {rest}' if rest else ''}"
            cells = (
                dataset,
                f"**{VARIANTS[variant][0]}**",
                len(group),
                figure,
                value,
                floor,
                PUBLISHED_FIGURES.get(name, ""),
            )
            table.append(f"| {' | '.join(map(str, cells))} |")
    return header + table if table else []


def other_figures():
    """Sentences for what has no table of its own: f-GAN's fits and WGAN's critic."""
    fits, critics = (
        [line["scores"] for line in lines() if line["dataset"] == "two_gaussians"],
        [line for line in lines() if line["variant"] == "wgan"],
    )
    text = []
    if fits:
        mu, sigma = (max(score[f"largest_{name}_error"] for score in fits) for name in ("mu", "sigma"))
        minima = min(score["diagonal_minima"] for score in fits)
        text.append(
            f"- f-GAN, the paper's mixture, five divergences, runs: {len(fits)}; mu within {mu:.3f} and sigma within "
            f"{sigma:.3f} of the optimum; {minima} of 5 columns of the matrix of fits and divergences have their "
            f"minimum on the diagonal."
        )
    for dataset in ("ring", "grid"):
        values = [line["scores"]["critic_correlation"] for line in critics if line["dataset"] == dataset]
        if values:
            text.append(
                f"- WGAN on the {dataset}: the critic's estimate and the sliced Wasserstein distance correlate by "
                f"{spread(values, '.2f')} over a run."
            )
    return text


def speed_table():
    """Samples a second of each contender in recipes/benchmark.py's last full run."""
    found = json.loads((ROOT / "saved_models/speed.json").read_text())
    results = found["results"]
    contenders = dict.fromkeys(name for figures in results.values() for name in figures if name != PIPELINE)
    ceiling = " and ".join(f"{rate:.0f} GFLOP/s in {precision}" for precision, rate in found["ceiling"].items())
    rows = [f"| samples/s | {' | '.join(results)} |", "|---|" + "---:|" * len(results)]
    for name in contenders:
        cells = (
            f"{figures[name]['images_per_second']:,.0f}" if name in figures else "" for figures in results.values()
        )
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return [
        *rows,
        "",
        f"{found['cores']} cores, {found['date']}; the best matrix product of that run reached {ceiling}.",
    ]


def write_tables(readme=ROOT / "README.md"):
    """Replace what stands in README.md between the marks of each table."""
    from kgan.callbacks.directories import replace_text

    tables = {
        "mixtures": mixture_table,
        "images": image_table,
        "stacked": stacked_table,
        "figures": figure_table,
        "others": other_figures,
        "speed": speed_table,
    }
    text = readme.read_text()
    for name, table in tables.items():
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        if start in text:
            text = "\n".join([text[: text.index(start) + len(start)], "", *table(), "", text[text.index(end) :]])
    replace_text(readme, text)


def main():
    global RESULTS
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", nargs="?", choices=VARIANTS)
    parser.add_argument("dataset", nargs="?")
    parser.add_argument("--seeds", type=int, default=1, help="how many, from 0 on")
    parser.add_argument("--data-dir", help="where TFDS data lie")
    parser.add_argument("--rerun", action="store_true", help="run again from the start, and replace the line")
    parser.add_argument("--results", type=Path, metavar="FILE", help="the lines (default: saved_models/results.jsonl)")
    parser.add_argument("--table", action="store_true", help="write README.md's tables")
    options = parser.parse_args()
    if not options.table and not (options.variant and options.dataset):
        parser.error("name a variant and a data set, or ask for --table")
    if options.results is not None:
        RESULTS = options.results
    for seed in range(options.seeds if options.variant else 0):
        line = None if options.rerun else stored(options.variant, options.dataset, seed)
        said = "stored: " if line else ""
        line = line or reproduce(options.variant, options.dataset, seed, options.data_dir, options.rerun)
        print(f"{said}{json.dumps(line['scores'])} {line['seconds']:.0f} s", flush=True)
    if options.table:
        write_tables()


if __name__ == "__main__":
    main()
