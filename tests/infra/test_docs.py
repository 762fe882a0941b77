"""docs/deploying.md tells the truth about the settings."""

import json
import re
from dataclasses import fields

from infra.bundling import ROOT
from infra.config import Config

ROW = re.compile(r"^\| `(\w+)` \| `(.*?)` \| (.*?) \| .+ \|$", re.MULTILINE)


def test_every_setting_is_told_with_its_default_and_what_it_may_be() -> None:
    told = {
        name: (json.loads(default), allowed)
        for name, default, allowed in ROW.findall((ROOT / "docs" / "deploying.md").read_text())
    }

    assert told == {
        setting.name: (
            list(setting.default) if isinstance(setting.default, tuple) else setting.default,
            setting.metadata["rule"].allowed,
        )
        for setting in fields(Config)
    }
