"""docs/deploying.md tells the truth about the settings."""

import pytest

from tools import settings_docs
from tools.marked import run


def test_the_documents_have_every_setting_as_it_is_declared(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("settings", settings_docs.blocks(), ["--check"]) == 0, capsys.readouterr().err
