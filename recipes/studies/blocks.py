"""What an adversarial term is worth, over how little of an image is left: the curves of Pix2Pix from means of blocks.

    python recipes/studies/blocks.py        # draws the stored results of `reproduce.py pix2pix_blocks_...`

Digits and clothes of 28x28 pixels are made from the means of blocks of 2 to 14 pixels a side, 14x14 to 2x2 numbers.
saved_models/blocks.png has, over the side of a block, the share of test images that keep their class by the judge of
the data set, and their Fréchet distance by its features: L1 alone, with a discriminator that sees the source, with one
that does not, and as floor the blocks themselves. Marks are seeds, lines their means.
"""

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tools"))

import results
from catalogue import ROOT

from kgan.runs import save_figure

GAMES = {"_l1": "L1 alone", "": "L1 + cGAN", "_gan": "L1 + GAN"}
SIDES = (2, 4, 7, 14)
SCORES = {"class_kept": "share that keeps its class", "fid": "Fréchet distance"}


def curves(lines, dataset, score):
    """Dict of game to `(side, values)` of each side that has lines; the floor is that of the blocks themselves."""
    found = {}
    for suffix, game in GAMES.items():
        for side in SIDES:
            named = f"pix2pix_blocks_{side}{suffix}"
            group = [line for line in lines if (line["variant"], line["dataset"]) == (named, dataset)]
            if not group:
                continue
            name = next(name for name in group[0]["scores"] if name.startswith(score))
            found.setdefault(game, []).append((side, [line["scores"][name] for line in group]))
            if suffix == "":
                found.setdefault("the blocks", []).append((side, [group[0]["floors"][name]]))
    return found


def draw(lines, path):
    """The picture: a row a data set, a column a score."""
    from matplotlib.figure import Figure

    datasets = [name for name in ("mnist", "fashion_mnist") if any(curves(lines, name, score) for score in SCORES)]
    figure = Figure((10, 3.6 * len(datasets)), layout="constrained")
    for row, dataset in zip(figure.subplots(len(datasets), len(SCORES), squeeze=False), datasets):
        for axes, (score, label) in zip(row, SCORES.items()):
            for index, (game, points) in enumerate(curves(lines, dataset, score).items()):
                sides, values = zip(*points)
                means = [sum(several) / len(several) for several in values]
                axes.plot(sides, means, "--" if game == "the blocks" else "-", color=f"C{index}", label=game)
                for side, several in points:
                    axes.plot([side] * len(several), several, ".", color=f"C{index}")
            axes.set(xlabel="side of a block in pixels", ylabel=label, title=dataset, xticks=SIDES)
    figure.axes[0].legend()
    save_figure(figure, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "saved_models" / "blocks.png", help="the picture")
    options = parser.parse_args()
    lines = [line for line in results.lines() if line["variant"].startswith("pix2pix_blocks")]
    if not lines:
        parser.error("there are no results of `reproduce.py pix2pix_blocks_7 mnist` and its like to draw")
    draw(lines, options.out)
    print(f"{len(lines)} runs: {options.out}")


if __name__ == "__main__":
    main()
