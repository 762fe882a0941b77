"""List prices of us-east-1, each with its source; without free tiers, with the steps for large volumes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

AS_OF = "November 2026"
REGION = "us-east-1"
MILLION = 1e6

API_GATEWAY = "https://aws.amazon.com/api-gateway/pricing/"
LAMBDA = "https://aws.amazon.com/lambda/pricing/"
DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
SQS = "https://aws.amazon.com/sqs/pricing/"
CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/"
SECRETS_MANAGER = "https://aws.amazon.com/secrets-manager/pricing/"
KMS = "https://aws.amazon.com/kms/pricing/"
WAF = "https://aws.amazon.com/waf/pricing/"
EC2 = "https://aws.amazon.com/ec2/pricing/on-demand/"


class Item(StrEnum):
    """What AWS counts, one of it."""

    WEBSOCKET_MESSAGE = "WebSocket message, each 32 KB"
    WEBSOCKET_MINUTE = "minute of an open socket"
    HTTP_REQUEST = "HTTP API request"
    INVOCATION = "Lambda invocation"
    GB_SECOND = "GB-second of Lambda, arm64"
    SNAPSHOT_GB_SECOND = "GB-second of a SnapStart snapshot, for each published version"
    RESTORED_GB = "GB resumed from a snapshot"
    WRITE = "DynamoDB write unit, on demand"
    READ = "DynamoDB read unit, on demand"
    TABLE_GB_MONTH = "GB-month in the table"
    BACKUP_GB_MONTH = "GB-month that can be restored to any second (PITR)"
    QUEUE_REQUEST = "SQS request"
    LOG_GB = "GB of logs, functions' and gateways'"
    TRAFFIC_GB = "GB out to the internet"
    ALARM_MONTH = "alarm, a month, for each metric that it reads"
    COMPOSITE_MONTH = "composite alarm, a month"
    DASHBOARD_MONTH = "dashboard, a month, beyond the first three"
    METRIC_MONTH = "metric of our own, a month in use"
    SECRET_MONTH = "secret, a month"  # noqa: S105 - the name of an item.
    SECRET_CALL = "read of a secret"  # noqa: S105 - the name of an item.
    KMS_REQUEST = "KMS request"
    WEB_ACL_MONTH = "web ACL, a month"
    WAF_RULE_MONTH = "rule of a web ACL, a month"
    WAF_REQUEST = "request that WAF looked at"


SERVICES = {
    API_GATEWAY: "API Gateway",
    LAMBDA: "Lambda",
    DYNAMODB: "DynamoDB",
    SQS: "SQS",
    CLOUDWATCH: "CloudWatch",
    SECRETS_MANAGER: "Secrets Manager",
    KMS: "KMS",
    WAF: "WAF",
    EC2: "traffic to the internet",
}
"""Each service by the page that has its prices."""


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for so many of an item; those of a month that exceed `first` have a price of their own."""

    usd: float
    per: float
    source: str
    first: float = math.inf
    usd_above: float = 0

    @property
    def each(self) -> float:
        """US dollars for one of the first."""
        return self.usd / self.per

    @property
    def service(self) -> str:
        """The service on whose bill it stands."""
        return SERVICES[self.source]

    def of(self, quantity: float) -> float:
        """US dollars for so many in one month."""
        more = max(quantity - self.first, 0)
        return (quantity - more) * self.each + more * self.usd_above / self.per


PRICES = {
    Item.WEBSOCKET_MESSAGE: Price(1.00, MILLION, API_GATEWAY, first=1000 * MILLION, usd_above=0.80),
    Item.WEBSOCKET_MINUTE: Price(0.25, MILLION, API_GATEWAY),
    Item.HTTP_REQUEST: Price(1.00, MILLION, API_GATEWAY, first=300 * MILLION, usd_above=0.90),
    Item.INVOCATION: Price(0.20, MILLION, LAMBDA),
    Item.GB_SECOND: Price(13.3334, MILLION, LAMBDA),
    Item.SNAPSHOT_GB_SECOND: Price(1.5046, MILLION, LAMBDA),
    Item.RESTORED_GB: Price(139.7998, MILLION, LAMBDA),
    Item.WRITE: Price(0.625, MILLION, DYNAMODB),
    Item.READ: Price(0.125, MILLION, DYNAMODB),
    Item.TABLE_GB_MONTH: Price(0.25, 1, DYNAMODB),
    Item.BACKUP_GB_MONTH: Price(0.20, 1, DYNAMODB),
    Item.QUEUE_REQUEST: Price(0.40, MILLION, SQS),
    Item.LOG_GB: Price(0.50, 1, CLOUDWATCH),
    Item.TRAFFIC_GB: Price(0.09, 1, EC2),
    Item.ALARM_MONTH: Price(0.10, 1, CLOUDWATCH),
    Item.COMPOSITE_MONTH: Price(0.50, 1, CLOUDWATCH),
    Item.DASHBOARD_MONTH: Price(3.00, 1, CLOUDWATCH),
    Item.METRIC_MONTH: Price(0.30, 1, CLOUDWATCH),
    Item.SECRET_MONTH: Price(0.40, 1, SECRETS_MANAGER),
    Item.SECRET_CALL: Price(0.05, 10_000, SECRETS_MANAGER),
    Item.KMS_REQUEST: Price(0.03, 10_000, KMS),
    Item.WEB_ACL_MONTH: Price(5.00, 1, WAF),
    Item.WAF_RULE_MONTH: Price(1.00, 1, WAF),
    Item.WAF_REQUEST: Price(0.60, MILLION, WAF),
}
