"""Writes the figures into the documents (--write), or says which are not current (--check)."""

from __future__ import annotations

import sys

from tools import marked
from tools.costs.blocks import blocks

if __name__ == "__main__":
    sys.exit(marked.run("costs", blocks()))
