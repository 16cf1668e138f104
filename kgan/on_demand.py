"""Importing kgan's rooms when Keras is imported, or when one of them is asked for, and not before.

A recipe answers `--help` without Keras, but a saved game is found only where the classes of its parts are registered
with Keras. So the rooms are imported all together: as soon as Keras is, or the first of them.
"""

import importlib
import pkgutil
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

# All but `runs`, which starts Keras itself, in silence.
ROOMS = tuple(
    room.name for room in pkgutil.iter_modules([str(Path(__file__).parent)]) if room.ispkg and room.name != "runs"
)


class Rooms(MetaPathFinder):
    """Waits at the front of `sys.meta_path` until Keras or one of kgan's rooms is imported, and then imports the rest.

    It finds nothing itself: what the other finders find runs as they say, and only when all of it has run, so that no
    module is met half imported, do the other rooms follow.
    """

    def __init__(self):
        self.depth = 0

    def find_spec(self, name, path=None, target=None):
        if name != "keras" and name not in {f"kgan.{room}" for room in ROOMS}:
            return None
        others = (finder for finder in sys.meta_path if finder is not self and hasattr(finder, "find_spec"))
        spec = next((spec for finder in others if (spec := finder.find_spec(name, path, target))), None)
        if spec is not None and spec.loader is not None:
            self._follow(spec.loader)
        return spec

    def _follow(self, loader):
        run = loader.exec_module

        def exec_module(module):
            self.depth += 1
            try:
                run(module)
            finally:
                self.depth -= 1
            if not self.depth and self in sys.meta_path:
                sys.meta_path.remove(self)
                import_rooms()

        loader.exec_module = exec_module


def import_rooms():
    """Import all rooms."""
    for room in ROOMS:
        importlib.import_module(f"kgan.{room}")


def wait_for_keras():
    """Import all rooms as soon as Keras, or one of them, is imported: now, where Keras has been."""
    if "keras" in sys.modules:
        import_rooms()
    else:
        sys.meta_path.insert(0, Rooms())
