"""The recipes, as the other tools read them: a file is imported from its place, and none imports Keras by that."""

import functools
import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECIPES = ROOT / "recipes"


@functools.cache
def module(path):
    """The recipe or study at `path` below recipes/, such as "studies/keras_pattern", as a module."""
    file = RECIPES / f"{path}.py"
    spec = importlib.util.spec_from_file_location(file.stem, file)
    found = importlib.util.module_from_spec(spec)
    # It may import what lies beside it.
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(found)
    finally:
        sys.path.remove(str(file.parent))
    return found


@functools.cache
def reported():
    """What tables say of each recipe: dict of its path to its `kgan.runs.Reported`, in the tables' order."""
    files = [*RECIPES.glob("*.py"), *RECIPES.glob("studies/*.py")]
    paths = [
        file.relative_to(RECIPES).with_suffix("").as_posix() for file in files if "\nREPORTED = " in file.read_text()
    ]
    found = {path: module(path).REPORTED for path in paths}
    return dict(sorted(found.items(), key=lambda item: item[1].place))


@functools.cache
def variants():
    """Everything that has rows of its own: dict of its name to the path of its recipe, its title and its options."""
    found = {}
    for path, told in reported().items():
        if told.title is not None:
            found[Path(path).name] = path, told.title, ()
        found |= {name: (path, title, options) for name, (title, *options) in told.variations.items()}
    return found
