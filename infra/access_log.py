"""What the gateways write down about each request: never a query string, since a token may travel there."""

import json

from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_logs as logs

_FIELDS = ("requestId", "requestTime", "identity.sourceIp", "routeKey", "status", "error.responseType")


def write_access_log(stage: apigw.CfnStage, log_group: logs.ILogGroup, *more_fields: str) -> None:
    """Log each request of this stage as one JSON object."""
    fields = {name: f"$context.{name}" for name in (*_FIELDS, *more_fields)}
    stage.access_log_settings = apigw.CfnStage.AccessLogSettingsProperty(
        destination_arn=log_group.log_group_arn, format=json.dumps(fields)
    )
