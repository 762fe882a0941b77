"""The CDK's command line for everything else: `python -m local.cdk synth`, with a Node that runs it."""

from __future__ import annotations

import os
import subprocess
import sys

from local.demo_page import node
from local.paths import ROOT


def main(arguments: list[str]) -> None:
    """Become the CDK's command line, after installing it if it is missing or outdated."""
    environ = dict(os.environ) | {"PATH": node.search_path()}
    if not node.is_installed(ROOT):
        if subprocess.run(node.npm_ci(ROOT), cwd=ROOT, env=environ, check=False).returncode:
            sys.exit("npm could not install the CDK's command line: see above, then try again.")
        node.mark_installed(ROOT)
    if arguments:
        os.execve(node.CDK, [str(node.CDK), *arguments], environ)  # noqa: S606  nothing is left for us to do


if __name__ == "__main__":
    main(sys.argv[1:])
