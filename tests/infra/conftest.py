"""Stacks and built folders to look at, each made once."""

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

# The CDK runs on Node; the environment's own is new enough, the machine's may not be.
if (node := Path(sys.executable).with_name("node")).exists():
    os.environ.setdefault("JSII_NODE", str(node))

from aws_cdk import App
from aws_cdk.assertions import Template

from infra.app import compose
from infra.bundling import FUNCTIONS, build
from infra.config import Config
from tests.infra.templates import Synthesize


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """Folders that stand for the built ones, where only the template is of interest."""
    made = {name: tmp_path_factory.mktemp(name) for name in FUNCTIONS}
    for name, folder in made.items():
        (folder / "name.txt").write_text(name)
    return made


@pytest.fixture(scope="session")
def synthesize(folders: Mapping[str, Path]) -> Synthesize:
    """Make the template for some settings; the same settings give the same template again."""

    @cache
    def synthesize(**settings: object) -> Template:
        config = Config.from_context({"framestream": settings})
        return Template.from_stack(compose(App(), config=config, folders=folders))

    return synthesize


@pytest.fixture(scope="session")
def template(synthesize: Synthesize) -> Template:
    """The template that the default settings give."""
    return synthesize()


@pytest.fixture(scope="session")
def built_for_aws() -> Mapping[str, Path]:
    """The folders that would be deployed to AWS."""
    return build("aws", report=print)


@pytest.fixture(scope="session")
def built_for_local() -> Mapping[str, Path]:
    """The folders that would be deployed to the emulator."""
    return build("local", report=print)
