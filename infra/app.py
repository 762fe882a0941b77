"""Reads the settings, builds the functions' folders, and hands the stack to the CDK."""

import sys
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.bundling import BundlingError, build
from infra.config import Config, ConfigError
from infra.stack import Framestream


def main() -> None:
    """Write the cloud assembly, or say why not."""
    app = App()
    try:
        config = Config.from_context(app.node.get_all_context())
        folders = build(config.target, report=_say)
    except (ConfigError, BundlingError) as error:
        sys.exit(f"framestream: {error}")
    compose(app, config=config, folders=folders)
    app.synth()


def compose(app: App, *, config: Config, folders: Mapping[str, Path]) -> Framestream:
    """Add the stack, and the checks that synth fails on."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return Framestream(app, config.stack_name, config=config, folders=folders)


def _say(line: str) -> None:
    sys.stderr.write(f"framestream: {line}\n")


if __name__ == "__main__":
    main()
