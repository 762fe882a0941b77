"""Stacks and built zips to look at, each made once."""

import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

# The CDK runs on Node; the environment's own is new enough, the machine's may not be.
if (node := Path(sys.executable).with_name("node")).exists():
    os.environ.setdefault("JSII_NODE", str(node))
# The CDK's own validation only warns, and no test reads it. What fails a synth, cdk-nag's checks, stays.
os.environ.setdefault("CDK_VALIDATION", "false")

from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import compose
from infra.bundling.build import FUNCTIONS, build
from infra.config.fields import Config
from tests.infra.templates import MOVED, Synthesize


@pytest.fixture(scope="session")
def zips(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Files that stand for the zips, where only the template is of interest."""
    folder = tmp_path_factory.mktemp("zips")
    made = {name: folder / f"{name}.zip" for name in FUNCTIONS}
    for name, file in made.items():
        file.write_text(name)
    return made


@pytest.fixture(scope="session")
def synthesize(zips: Mapping[str, Path]) -> Synthesize:
    """Make the template for some settings; what comes to the same settings gives the same template again."""
    made: dict[str, Template] = {}

    def synthesize(**settings: object) -> Template:
        config = Config.from_context({"framestream": settings})
        key = str(asdict(config))
        if key not in made:
            app = App()
            stack = compose(app, config=config, zips=zips)
            app.synth()  # With cdk-nag: a finding fails here.
            made[key] = Template.from_stack(stack)
        return made[key]

    return synthesize


@pytest.fixture(scope="session")
def template(synthesize: Synthesize) -> Template:
    """The template that the default settings give."""
    return synthesize()


@pytest.fixture(scope="session")
def moved(synthesize: Synthesize) -> Template:
    """The template in which every setting of `MOVED` is at another value than by default."""
    return synthesize(**MOVED)


@pytest.fixture(scope="session")
def zips_for_aws() -> Mapping[str, Path]:
    """What would be deployed to AWS."""
    return build("aws", report=print)


@pytest.fixture(scope="session")
def built_for_aws(
    zips_for_aws: Mapping[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Path]:
    """What is in those zips."""
    return _unpacked(zips_for_aws, tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="session")
def built_for_local(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """What is in the zips that would be deployed to the emulator."""
    return _unpacked(build("local", report=print), tmp_path_factory.mktemp("local"))


def _unpacked(zips: Mapping[str, Path], folder: Path) -> Mapping[str, Path]:
    for name, file in zips.items():
        shutil.unpack_archive(file, folder / name)
    return {name: folder / name for name in zips}
