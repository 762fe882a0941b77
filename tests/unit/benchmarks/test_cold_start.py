from __future__ import annotations

import subprocess
import sys

import pytest

from benchmarks.cold_start import imports

SAID = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 |   json.decoder
import time:        50 |        150 | json
import time:     20000 |      20150 | botocore.client
something that a module printed
"""


def test_packages_are_charged_with_their_own_modules() -> None:
    found = imports(SAID)

    assert found["modules"] == 3
    assert found["packages"] == pytest.approx({"botocore": 0.02, "json": 0.00015})


def test_what_this_python_says_is_understood() -> None:
    command = [sys.executable, "-X", "importtime", "-c", "import json.decoder"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr

    assert "json" in said
    assert imports(said)["modules"] > 3
