"""Lets schemathesis look for a request that is answered otherwise than docs/api/openapi.json says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT / "docs" / "api" / "openapi.json"
PROGRAM = Path(sys.executable).with_name("schemathesis")
SINGLY = ("--phases", "examples,coverage,fuzzing")
LINKED = ("--phases", "stateful", "--include-path-regex", "generat")
"""From an accepted prompt to its answer and its end; with all operations, hardly a walk would go that way."""
EXAMPLES = int(os.environ.get("FUZZING_EXAMPLES", "10"))
"""Random requests per operation, and random walks from operation to operation.

What the document allows and forbids one by one is tried whole, whatever this is (`coverage`). With one seed,
more of them find something once, and nothing in any later run: another `FUZZING_SEED` looks further.
"""
CONFIG = """
hooks = "tests.support.fuzzing_hooks"
warnings = false
[auth.wfc]
path = "users.json"
user = "{user}"
peers = ["{user}", "{peer}"]
"""


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a run; `report` has the seed, and a request for each failure."""

    failed: bool
    report: str

    @property
    def operations(self) -> int:
        """How many operations were tried."""
        return self._count(r"Tested: (\d+)")

    @property
    def requests(self) -> int:
        """How many requests were answered as they must be."""
        return self._count(r"\d+ generated, (\d+) passed")

    @property
    def links(self) -> int:
        """How many ways from one operation's answer to the next operation were gone."""
        return self._count(r"API Links: +(\d+) covered")

    def _count(self, pattern: str) -> int:
        """Read a number of the first pass, or of the second if only that tells it."""
        found = re.search(pattern, self.report)
        return int(found[1]) if found else 0


def examine(url: str, tokens: dict[str, str], folder: Path, *, model: str, seed: int) -> Examined:
    """Try the API as the first of two users; the other one is asked for the first one's objects.

    Every check that there is counts: first for requests one by one, valid and invalid, then for walks along
    the links from one operation to the next.
    """
    user, peer = tokens
    (folder / "openapi.json").write_text(json.dumps(_of(user, model)))
    (folder / "users.json").write_text(json.dumps({"auth": [_login(*each) for each in tokens.items()]}))
    (folder / "schemathesis.toml").write_text(CONFIG.format(user=user, peer=peer))
    examine = [str(PROGRAM), "--config-file", "schemathesis.toml", "run", "openapi.json", "--url", url]
    options = ["--checks", "all", "--continue-on-failure", "--max-examples", str(EXAMPLES)]
    repeatable = ["--seed", str(seed), "--generation-database", "none", "--no-color"]
    passes = [
        subprocess.run(
            [*examine, *options, *repeatable, *phases],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )
        for phases in (SINGLY, LINKED)
    ]
    report = "".join(done.stdout + done.stderr for done in passes)
    return Examined(any(done.returncode for done in passes), report)


def _of(user: str, model: str) -> dict[str, Any]:
    """The document, with what is valid for this user alone: in the name of any other, a prompt is refused."""
    document: dict[str, Any] = json.loads(OPENAPI.read_text())
    request = document["components"]["schemas"]["GenerateRequest"]["properties"]
    request["user_id"] = {"const": user}
    request["model"] = {"enum": [model, None]}
    # Another one must be an answer of the chat; and `before` must be what an answer gave as `next`.
    request["parent_id"] = {"enum": ["root", None]}
    # Any id would have to be of something that was uploaded, where the deployment takes that.
    request["attachments"] = {"enum": [[], None]}
    chats = document["paths"]["/api/chat/chats"]["get"]
    chats["parameters"] = [each for each in chats["parameters"] if each.get("name") != "before"]
    return document


def _login(name: str, token: str) -> dict[str, Any]:
    return {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {token}"}]}
