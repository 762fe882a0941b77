"""docs/deploying.md tells the truth about the settings."""

import json
import re
from dataclasses import fields

from infra.bundling.build import ROOT
from infra.config.fields import Config

ROW = re.compile(r"^\| `(\w+)` \| `(.*?)` \| (.*?) \| .+ \|$", re.MULTILINE)


def test_every_setting_is_told_with_its_default_and_what_it_may_be() -> None:
    rules = {setting.name: setting.metadata["rule"] for setting in fields(Config)}
    told = {
        name: (rules[name].parse(json.loads(default)), allowed)
        for name, default, allowed in ROW.findall((ROOT / "docs" / "deploying.md").read_text())
    }

    assert told == {
        setting.name: (setting.default, rules[setting.name].allowed) for setting in fields(Config)
    }
