"""The page of a run: one HTML file beside its pictures, which needs neither a network nor a server."""

import html
import re
from pathlib import Path

from kgan.runs.chart import chart
from kgan.runs.history import curves, duration, read_history
from kgan.runs.pictures import own_pictures, sample_pictures

STYLE = (Path(__file__).parent / "page.css").read_text()
SCRIPT = """
const slider = document.getElementById("epoch"), picture = document.getElementById("sample");
const frames = slider ? slider.dataset.frames.split(" ") : [];
const show = () => {
  const epoch = Number(frames[slider.value].match(/(\\d+)\\.png$/)[1]);
  picture.src = frames[slider.value];
  picture.alt = "Samples after " + epoch + " epochs";
  document.getElementById("shown").value = epoch;
  slider.setAttribute("aria-valuetext", "epoch " + epoch);
};
if (slider) {
  slider.hidden = false;
  slider.addEventListener("input", show);
  show();
}
"""


def write_page(task, watcher=None, found=None):
    """Write `index.html` of a run, from what lies in its folder; returns its path.

    Args:
        task: the run.
        watcher: its `kgan.callbacks.Diagnosis`; None where there was none.
        found: scores and floors of the run, as `kgan.runs.scores.score` returns them; None before its end.
    """
    from kgan.callbacks.directories import replace_text

    return replace_text(task.out / "index.html", page(task, watcher, found))


def page(task, watcher, found):
    """The page as text. Arguments as of `write_page`."""
    rows, options = read_history(task), task.options
    title = f"{task.recipe} on {options.dataset}"
    parts = [
        f"<h1>{escaped(title)}</h1>",
        f"<p>{escaped(state(task, rows, found))}</p>",
        samples(task),
        scores(found),
        diagnosis(watcher),
        losses(rows),
        pictures(task),
        usage(task, found),
    ]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{escaped(title)}</title><style>{STYLE}</style></head><body><main>",
            *(part for part in parts if part),
            f"</main><script>{SCRIPT}</script></body></html>\n",
        ]
    )


def escaped(text):
    """Text as HTML shows it, in attributes too."""
    return html.escape(str(text))


def state(task, rows, found):
    """How far the run is, in a sentence."""
    done, options = rows[-1]["epoch"] if rows else 0, task.options
    spent = f"{duration(sum(row['seconds'] for row in rows))}, batches of {options.batch_size}, seed {options.seed}"
    if found is not None:
        return f"Trained for {done} epochs: {spent}."
    return f"{done} of {options.epochs} epochs are done: {spent}. This page is written anew as the run goes on."


def samples(task):
    """Samples by epoch, with a slider."""
    names = [f"samples/{path.name}" for path in sample_pictures(task)]
    if not names:
        return ""
    last = int(re.search(r"(\d+)\.png$", names[-1])[1])
    return (
        f'<h2>Samples</h2><figure class="samples"><img id="sample" src="{names[-1]}" alt="Samples after {last} epochs">'
        f'<figcaption><label for="epoch">Epoch</label> <output id="shown" for="epoch">{last}</output>'
        f'<input id="epoch" type="range" min="0" max="{len(names) - 1}" value="{len(names) - 1}" hidden '
        f'data-frames="{" ".join(names)}"></figcaption></figure>'
    )


def scores(found):
    """Each score beside its floor."""
    if not found or not found["scores"]:
        return ""
    rows = (
        f"<tr><th scope=row>{escaped(name)}</th><td>{value:.4g}</td><td>{floor(found, name)}</td></tr>"
        for name, value in found["scores"].items()
    )
    return (
        "<h2>Scores</h2><p>A floor is the same measure of real samples.</p><table><thead><tr><th scope=col>score"
        f"<th scope=col>value<th scope=col>floor</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def floor(found, name):
    return f"{found['floors'][name]:.4g}" if name in found["floors"] else ""


def diagnosis(watcher):
    """What the diagnosis said, each sentence with its epoch, and what it measured."""
    if watcher is None:
        return ""
    items = "".join(f"<li><b>Epoch {epoch}</b> {escaped(sentence)}</li>" for epoch, sentence in watcher.said)
    said = f'<ul class="said">{items}</ul>' if items else "<p>Nothing stands out.</p>"
    names = {"quality": "quality", "diversity": "diversity, 1 is that of real samples", "recall": "recall"}
    shown = {words: [row[name] for row in watcher.history] for name, words in names.items()}
    if watcher.centres is not None:
        modes = len(watcher.centres)
        shown["recall"] = [row["modes"] / modes for row in watcher.history]
        shown = {name.replace("recall", f"share of the {modes} modes"): values for name, values in shown.items()}
    epochs = [row["epoch"] for row in watcher.history]
    return f"<h2>Diagnosis</h2>{said}{chart(epochs, shown, 'Diagnosis by epoch', 0.0)}"


def losses(rows):
    """Curves of all that `fit` logged."""
    titles = "Losses by epoch", "What else was logged, by epoch"
    epochs = [row["epoch"] for row in rows]
    drawn = "\n".join(chart(epochs, group, title) for group, title in zip(curves(rows), titles))
    return f"<h2>Curves</h2>{drawn}" if drawn else ""


def pictures(task):
    """What the recipe drew of its own."""
    shown = (
        f'<figure><img src="{escaped(path.name)}" alt="{escaped(path.stem.replace("_", " "))}" loading="lazy">'
        f"<figcaption>{escaped(path.name)}</figcaption></figure>"
        for path in own_pictures(task)
    )
    drawn = "".join(shown)
    return f"<h2>Pictures</h2>{drawn}" if drawn else ""


def usage(task, found):
    """The command, how the run goes on, and how its game is loaded."""
    blocks = {"The command that repeats this run": task.command(), "Go on with it": task.resume_command()}
    if found is not None:
        game = str(task.out / "model.keras")
        blocks["Load the whole game"] = f"import keras, kgan\ngan = keras.saving.load_model({game!r})"
        blocks["Serve the generator; its card has the code"] = str(task.saved_model / "README.md")
    shown = "".join(f"<h3>{words}</h3><pre><code>{escaped(code)}</code></pre>" for words, code in blocks.items())
    return f"<h2>Use</h2>{shown}"
