"""Lambda SnapStart: many environments begin as copies of one, made after the imports.

Keys, connections and clients are made later, on the first call, so no two share them; ids and tickets come
from the operating system, which differs in each copy. Only the generator behind `random` would go on alike in
all of them: every worker would choose the same pauses.
"""

from __future__ import annotations

import random
from importlib import import_module, util

HOOKS = "snapshot_restore_py"
"""Where Lambda's Python offers hooks; nowhere else is there such a module."""


def reseed_after_restore() -> None:
    """Seed `random` anew in each copy."""
    if util.find_spec(HOOKS):
        import_module(HOOKS).register_after_restore(random.seed)
