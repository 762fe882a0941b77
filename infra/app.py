"""Reads the settings, builds the functions' zips, and hands the stack to the CDK."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.bundling.build import ROOT, BundlingError, build
from infra.bundling.content_hook import added_files
from infra.config.consistency import EDGE_REGION
from infra.config.fields import PREFIX, Config, ConfigError
from infra.config.stages import with_stage
from infra.models import table_files
from infra.stack import Framestream


def main() -> None:
    """Write the cloud assembly, or say why not."""
    app = App()
    try:
        config = Config.from_context(with_stage(app.node.get_all_context()))
        check_destination(config, os.environ)
        check_region(config, os.environ.get("CDK_DEFAULT_REGION", EDGE_REGION))
        zips = zips_of(config)
    except (ConfigError, BundlingError) as error:
        sys.exit(f"framestream: {error}")
    compose(app, config=config, zips=zips)
    app.synth()


def zips_of(config: Config, *, root: Path = ROOT) -> dict[str, Path]:
    """Build the functions' zips as the settings want them.

    Raises:
        ConfigError: If a deployment's own function or folder is not what it must be.
        BundlingError: If a zip cannot be built.
    """
    return build(
        config.target,
        report=_say,
        signatures=not config.has_shared_secret,
        root=root,
        additions=added_files(config, root=root),
        texts=table_files(config),
    )


def compose(app: App, *, config: Config, zips: Mapping[str, Path]) -> Framestream:
    """Add the stack, and the checks that synth fails on."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return Framestream(app, config.stack_name, config=config, zips=zips)


def check_destination(config: Config, environ: Mapping[str, str]) -> None:
    """Say so if the credentials, which the CDK has looked at, lead to another place than the settings name.

    Raises:
        ConfigError: If the account or the Region is not the one of the settings.
    """
    for name in ("account", "region") if config.target == "aws" else ():
        wanted, found = getattr(config, name), environ.get(f"CDK_DEFAULT_{name.upper()}", "")
        if wanted and found and found != wanted:
            raise ConfigError(
                f"{PREFIX}.{name} is {wanted!r}, but this deployment would go to {found}: take the "
                f"credentials and the Region of that {name}"
            )


def check_region(config: Config, region: str) -> None:
    """Say so before anything is changed, if the deployment would go where something that it needs is not.

    Raises:
        ConfigError: If its firewall cannot be in this Region, or a certificate is in another one.
    """
    if config.edge and region != EDGE_REGION:
        raise ConfigError(
            f"{PREFIX}.edge is True, but outside {EDGE_REGION} it must be False: CloudFront's firewall is "
            f"only there, and this deployment would go to {region}"
        )
    for name in () if config.edge else ("http_certificate_arn", "websocket_certificate_arn"):
        arn = getattr(config, name)
        if arn and f":acm:{region}:" not in arn:
            raise ConfigError(
                f"{PREFIX}.{name} is {arn!r}, but without edge it must be in {region}, where this deployment "
                "would go: request or import the certificate there"
            )


def _say(line: str) -> None:
    sys.stderr.write(f"framestream: {line}\n")


if __name__ == "__main__":
    main()
