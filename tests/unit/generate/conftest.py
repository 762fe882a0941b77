"""What every test of submissions begins with."""

from __future__ import annotations

import pytest

from tests.unit.generate.shelf import Line, Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def line() -> Line:
    return Line()
