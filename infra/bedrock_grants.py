"""What a role must be allowed so that it may ask exactly the models of Bedrock that a deployment names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from aws_cdk import aws_iam as iam

from infra.nag import acknowledge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from aws_cdk import Stack

    from functions.shared.models.row import ModelRow
    from infra.functions import Function

INVOKE = "bedrock:InvokeModelWithResponseStream"
"""What ConverseStream needs; the other three ways to ask a model stay closed."""
APPLY = "bedrock:ApplyGuardrail"
ASSUME = "sts:AssumeRole"
"""With this, a model is the other role's to ask, and not the worker's own."""
THROUGH = "bedrock:InferenceProfileArn"
"""The condition that a model is asked through this inference profile, and not past it."""
GEOGRAPHIES: Mapping[str, tuple[str, ...]] = {
    "us": ("us-east-1", "us-east-2", "us-west-1", "us-west-2"),
    "us-gov": ("us-gov-east-1", "us-gov-west-1"),
    "eu": (
        *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1"),
        *("eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
    ),
    "apac": (
        *("ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-south-2"),
        *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
        *("ap-southeast-7", "me-central-1"),
    ),
    "au": ("ap-southeast-2", "ap-southeast-4"),
    "jp": ("ap-northeast-1", "ap-northeast-3"),
}
"""Where the inference profiles of a geography may send a request.

https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-support.html
"""
GLOBAL = "global"
PROFILE = re.compile(rf"({'|'.join(GEOGRAPHIES)}|{GLOBAL}|[a-z]{{2}})\.(.+\..+)")
"""The id of an inference profile: a geography, also one that is newer than this list, and a model."""


class Place(NamedTuple):
    """Where a model is asked."""

    partition: str
    region: str
    account: str

    def arn(self, kind: str, name: str) -> str:
        """The ARN of something of the account's own."""
        return f"arn:{self.partition}:bedrock:{self.region}:{self.account}:{kind}/{name}"

    def model(self, name: str, *, region: str | None = None) -> str:
        """The ARN of a model that is everybody's; empty: in no Region, as a global profile sees it."""
        region = self.region if region is None else region
        return f"arn:{self.partition}:bedrock:{region}::foundation-model/{name}"


class Grant(NamedTuple):
    """One action on some resources, on a condition if there is one."""

    action: str
    resources: tuple[str, ...]
    only_if: tuple[tuple[str, str], ...] = ()


def grants_for(model_id: str, place: Place) -> Iterator[Grant]:
    """Yield what it takes to ask one model.

    Args:
        model_id: The id or ARN of a model, or of an inference profile.
        place: Where it is asked.
    """
    kind, name = "", model_id
    if model_id.startswith("arn:"):
        _, partition, _, region, account, resource = model_id.split(":", 5)
        place = Place(partition, region, account)
        kind, _, name = resource.partition("/")
    if kind == "application-inference-profile":
        yield Grant(INVOKE, (model_id,))
        # What it is a copy of stands in the account and nowhere here.
        yield Grant(INVOKE, (place.model("*", region="*"),), ((THROUGH, model_id),))
    elif kind not in {"", "foundation-model", "inference-profile"}:
        yield Grant(INVOKE, (model_id,))
    elif found := PROFILE.fullmatch(name):
        yield from _through_profile(place, *found.groups())
    else:
        yield Grant(INVOKE, (place.model(name),))


def _through_profile(place: Place, geography: str, model: str) -> Iterator[Grant]:
    profile = place.arn("inference-profile", f"{geography}.{model}")
    through = (THROUGH, profile)
    yield Grant(INVOKE, (profile,))
    if geography == GLOBAL:
        yield Grant(INVOKE, (place.model(model),), (through,))
        yield Grant(
            INVOKE, (place.model(model, region=""),), (("aws:RequestedRegion", "unspecified"), through)
        )
        return
    regions = GEOGRAPHIES.get(geography, ("*",))
    yield Grant(INVOKE, tuple(place.model(model, region=region) for region in regions), (through,))


def guardrail_grant(guardrail_id: str, place: Place) -> Grant:
    """Return what it takes to have a guardrail applied."""
    is_arn = guardrail_id.startswith("arn:")
    return Grant(APPLY, (guardrail_id if is_arn else place.arn("guardrail", guardrail_id),))


def grants_of(rows: Iterable[ModelRow], here: Place) -> list[Grant]:
    """Return what it takes to ask the rows' models, each grant once."""
    grants: dict[Grant, None] = {}
    for row in rows:
        if row.role:
            grants[Grant(ASSUME, (row.role,))] = None
        if row.provider != "bedrock" or row.endpoint_url or row.role:
            continue
        place = here._replace(region=row.region or here.region)
        grants |= dict.fromkeys(grants_for(row.id, place))
        if row.guardrail:
            grants[guardrail_grant(row.guardrail.id, place)] = None
    return list(grants)


def allow_models(function: Function, rows: Iterable[ModelRow], stack: Stack) -> None:
    """Allow a function to ask the rows' models."""
    here = Place(stack.partition, stack.region, stack.account)
    for grant in grants_of(rows, here):
        conditions = {"StringEquals": dict(grant.only_if)} if grant.only_if else {}
        function.role.add_to_policy(
            iam.PolicyStatement(
                actions=[grant.action], resources=list(grant.resources), conditions=conditions
            )
        )
        for resource in grant.resources:
            if "*" in resource:
                _explain(function, resource)


def _explain(function: Function, resource: str) -> None:
    shown = re.sub(
        r"\$\{Token\[(AWS\.\w+)\.\d+\]\}", lambda found: f"<{found[1].replace('.', '::')}>", resource
    )
    acknowledge(
        function.role,
        f"IAM5[Resource::{shown}]",
        reason="Only through one inference profile, which is named in the condition; where it leads is the "
        "account's or AWS's to say.",
    )
