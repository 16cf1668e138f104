"""A run of a game that completes images: sheets, scores and a card that know what it takes."""

from PIL import Image
from translation import patches, translator

from kgan.runs import run


def small(task):
    import kgan

    height, width, channels = task.shape
    networks = translator((height, width, channels + 1), channels), patches(task.shape)
    gan = kgan.ContextEncoder(*networks)
    gan.compile(overlap=1, run_eagerly=True)
    return gan


def measured(task, gan):
    return {"scores": {"mine": 1.0}, "floors": {}}


def test_a_run_on_images_with_labels_leaves_sheets_scores_and_a_card(toy, tmp_path):
    def again(*arguments):
        settings = {"digits": {"epochs": 1, "batch_size": 500, "size": 8}}
        command = ["--out", "out", *arguments]
        return run(small, "Small.", settings, measure=measured, command=command)

    again("--saved-models", "models")
    gan = again("--resume", "--epochs", "2")
    assert gan.epochs_trained == 2
    with Image.open(tmp_path / "out" / "samples" / "epoch-0002.png") as sheet:
        assert sheet.height > sheet.width  # eight rows of three
    (model,) = (tmp_path / "models").iterdir()
    card = (model / "README.md").read_text()
    assert "| game | ContextEncoder |" in card and "served.serve([images, masks])" in card and "| mine | 1 |" in card
