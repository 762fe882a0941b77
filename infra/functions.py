"""The five functions, each with a zip, a role and a log group of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.config.fields import Config
from infra.environment import ResourceRefs, environment_of
from infra.log_groups import LogKeeping

# The gateway waits for 29 s at most; no client waits that long for a handshake or a 202.
BRIEF = Duration.seconds(28)
"""API Gateway waits 29 s for a function, so that a late answer is still one; ours take milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How long a function may run, with how much memory, and how many executions are kept for it alone."""

    timeout: Duration = BRIEF
    memory_mb: int = 512
    reserved: int = 0
    """0: none."""


class Function(Construct):
    """A function that may do nothing but write its own log, until it is allowed more."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        code: Path,
        description: str,
        environment: Mapping[str, str],
        capacity: Capacity,
        log_keeping: LogKeeping,
        snap_start: bool,
    ) -> None:
        super().__init__(scope, name.capitalize())
        self.log_group = log_keeping.group(self, "Log")
        # Not AWSLambdaBasicExecutionRole: that policy may write to every log group of the account.
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.allow("logs:CreateLogStream", "logs:PutLogEvents", on=self.log_group.log_group_arn)
        self.function = lambda_.Function(
            self,
            "Function",
            code=lambda_.Code.from_asset(str(code)),
            handler=f"functions.{name}.handler.handler",
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            description=description,
            environment=dict(environment),
            timeout=capacity.timeout,
            memory_size=capacity.memory_mb,
            reserved_concurrent_executions=capacity.reserved or None,
            role=self.role,
            log_group=self.log_group,
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if snap_start else None,
            current_version_options=_kept(snap_start=snap_start),
        )
        self.live = lambda_.Alias(self, "Live", alias_name="live", version=self.function.current_version)
        """What gateways and queues call: a published version, so that one can follow another step by step."""

    def allow(self, *actions: str, on: str) -> None:
        """Allow these actions on this one resource."""
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=[on]))


def _kept(*, snap_start: bool) -> lambda_.VersionOptions:
    """Keep the versions before this one: answers under way end in theirs, and `live` may go back to it.

    One that a failed deployment made is not kept, or the next try would find that it exists. Those with
    snapshots go, because each is paid for as long as it is there.
    """
    kept = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
    return lambda_.VersionOptions(removal_policy=RemovalPolicy.DESTROY if snap_start else kept)


class Functions(Construct):
    """All five, not yet allowed anything and not yet called by anything."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        config: Config,
        zips: Mapping[str, Path],
        refs: ResourceRefs,
        log_keeping: LogKeeping,
    ) -> None:
        super().__init__(scope, construct_id)

        def make(name: str, description: str, **capacity: Any) -> Function:
            return Function(
                self,
                name,
                code=zips[name],
                description=description,
                environment=environment_of(name, config, refs),
                capacity=Capacity(**capacity),
                log_keeping=log_keeping,
                snap_start=config.snap_start,
            )

        self.connect = make(
            "connect", "Decides who may open a socket.", reserved=config.connect_reserved_concurrency
        )
        self.disconnect = make("disconnect", "Frees what a closed socket held.")
        self.message = make("message", "Answers keep-alives and refuses all else.")
        self.generate = make(
            "generate",
            "Accepts prompts, and reads answers back.",
            reserved=config.generate_reserved_concurrency,
        )
        self.worker = make(
            "worker",
            "Streams the model's answers.",
            timeout=Duration.seconds(config.worker_timeout_seconds),
            memory_mb=config.worker_memory_mb,
        )
        self.all = (self.connect, self.disconnect, self.message, self.generate, self.worker)
