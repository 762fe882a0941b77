"""Gives a new version a part of the calls first, and takes it back when an alarm says that users are hurt."""

from typing import cast

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.alarms import Alarms
from infra.functions import Functions
from infra.nag import acknowledge

POLICY = "service-role/AWSCodeDeployRoleForLambdaLimited"
_Config = codedeploy.LambdaDeploymentConfig
STEPS = {
    "canary_10_percent_5_minutes": _Config.CANARY_10_PERCENT_5_MINUTES,
    "canary_10_percent_15_minutes": _Config.CANARY_10_PERCENT_15_MINUTES,
    "linear_10_percent_every_1_minute": _Config.LINEAR_10_PERCENT_EVERY_1_MINUTE,
    "linear_10_percent_every_3_minutes": _Config.LINEAR_10_PERCENT_EVERY_3_MINUTES,
}


TAKEN_BACK_ON = (
    "WaitingPrompts",
    "GenerationsFailed",
    "FailureRate",
    "ConnectErrors",
    "MessageErrors",
    "GenerateErrors",
    "WorkerErrors",
    "ServerErrors",
    "SocketErrors",
    "RejectedConnects",
)
"""What a new version may be at fault for. CodeDeploy takes ten alarms at most."""


class GradualDeployment(Construct):
    """CodeDeploy moves each function's alias, all five at the same time, while CloudFormation waits."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Functions,
        steps: str,
        alarms: Alarms,
    ) -> None:
        super().__init__(scope, construct_id)
        application = codedeploy.LambdaApplication(self, "Application")
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"))
        acknowledge(
            role,
            f"IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{POLICY}]",
            reason="What CodeDeploy needs to move an alias is AWS's to say, and changes with CodeDeploy.",
        )
        watched = [cast("cloudwatch.IAlarm", alarms.node.find_child(name)) for name in TAKEN_BACK_ON]
        for function in functions.all:
            codedeploy.LambdaDeploymentGroup(
                self,
                function.node.id,
                application=application,
                alias=function.live,
                deployment_config=STEPS[steps],
                alarms=watched,
                role=role,
            )
