"""The tables of results, made of the lines of results.jsonl and of what each recipe says of itself.
`python recipes/tools/reproduce.py --table` writes them.
"""

import json
import statistics

import results
from benchmark import PIPELINE
from catalogue import ROOT, reported, variants

from kgan.runs import spread
from kgan.runs.scores import CONDITION_FIGURES, CONDITION_LESS

IMAGES, MIXTURES = ("digits", "mnist", "fashion_mnist"), ("ring", "grid")
TRANSLATED, FOLDERS = ("glyph_pairs", "glyph_domains"), ("facades_train",)
LUCIC = "Lucic 2018: InceptionV3's features, 10,000 samples, best of 100 settings, 50 seeds; quoted by Dai 2019"


def title(variant):
    """What a table calls a variant."""
    return variants()[variant][1]


def published_fid(variant, dataset):
    """The Fréchet distance that the literature has for the game of a recipe, as its defaults play it."""
    path, _, options = variants()[variant]
    return "none" if options else reported()[path].published_fid.get(dataset, "none")


def published_rows(dataset):
    """Rows of other people's results on a data set."""
    return [row for told in reported().values() for row in told.published_rows.get(dataset, [])]


def rows(kind):
    """`(dataset, variant)` to its lines, for the data sets of a kind, in the order of the recipes."""
    order = list(variants())
    chosen = sorted(
        (line for line in results.lines() if line["dataset"] in kind),
        key=lambda line: (kind.index(line["dataset"]), order.index(line["variant"])),
    )
    grouped = {}
    for line in chosen:
        grouped.setdefault((line["dataset"], line["variant"]), []).append(line)
    return grouped


def seconds(group):
    """Mean minutes of the runs that had their cores to themselves, which a line's `beside` denies; or nothing."""
    alone = [line["seconds"] for line in group if "beside" not in line]
    return f"{statistics.mean(alone) / 60:.1f} min" if alone else ""


def mixture_table():
    header = [
        "| data | game | runs | modes | high quality | reverse KL | a run | source |",
        "|---|---|---|---|---|---|---|---|",
    ]
    table = []
    groups = rows(MIXTURES)
    for dataset in MIXTURES:
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
                f"| {dataset} | **{title(variant)}** | {len(group)} | {modes} | {share} % | {kl} | {seconds(group)} | |"
            )
        table += [
            f"| {dataset} | {game} | | {modes} | {share} | {kl} | | {protocol} |"
            for game, modes, share, kl, protocol in published_rows(dataset)
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
        published = published_fid(variant, dataset)
        table.append(
            f"| `{protocol}` | **{title(variant)}** | {len(group)} | {cells['fid']} | {floor:.3f} | "
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
        table.append(f"| **{title(variant)}** | {len(group)} | {' | '.join(cells)} | 26,000 samples |")
    published = (
        f"| {game} | | {modes} | {kl} | | {text} |" for game, modes, kl, text in published_rows("stacked_mnist")
    )
    return [*header, *table, *published] if table else []


def figure_table():
    """What single games show beside samples: one row a figure."""
    header = ["| data | game | runs | figure | value | floor | published |", "|---|---|---|---|---|---|---|"]
    table = []
    for (dataset, variant), group in rows((*IMAGES, "glyphs", *MIXTURES, *TRANSLATED, *FOLDERS)).items():
        told = reported()[variants()[variant][0]]
        figures = CONDITION_FIGURES | told.figures
        for name in group[0]["scores"]:
            prefix = next((prefix for prefix in figures if name.startswith(prefix)), None)
            if prefix is None:
                continue
            rest = name.removeprefix(prefix).strip("_").replace("_", " ")
            figure = f"{figures[prefix]}{f', {rest}' if rest else ''}"
            value = best_and_median(
                [line["scores"][name] for line in group], name.startswith((*told.less, *CONDITION_LESS))
            )
            floor = f"{group[0]['floors'][name]:.3f}" if name in group[0]["floors"] else ""
            published = told.published_figures.get(name, "")
            cells = (dataset, f"**{title(variant)}**", len(group), figure, value, floor, published)
            table.append(f"| {' | '.join(map(str, cells))} |")
    return header + table if table else []


def best_and_median(values, less):
    """Mean and spread of a figure, and of several values the best one and the median."""
    if len(values) == 1:
        return spread(values, ".3f")
    best = (min if less else max)(values)
    return f"{spread(values, '.3f')} (best {best:.3f}, median {statistics.median(values):.3f})"


def other_figures():
    """Sentences of the recipes for what has no table."""
    found, text = results.lines(), []
    for path, told in reported().items():
        if told.sentences is not None:
            names = [name for name, (recipe, *_) in variants().items() if recipe == path]
            text += told.sentences([line for line in found if line["variant"] in names])
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


def write_tables(readme=ROOT / "saved_models" / "README.md"):
    """Replace what stands in a file between the marks of each table."""
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
