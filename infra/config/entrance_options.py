"""The deployment's own settings: the ways in, their limits, logs and alarms."""

from dataclasses import dataclass
from typing import Literal

from functions.shared.setting_rules import OneOf, Switch, Whole, WholeAmong
from functions.shared.settings import Options, setting
from infra.config import texts


@dataclass(frozen=True, kw_only=True)
class GatewayOptions(Options, section="gateways"):
    """How much the gateways let in, in requests per second."""

    websocket_rate_limit: int = setting(1000, Whole(1, 10_000), "messages from clients, over all sockets")
    websocket_burst_limit: int = setting(500, Whole(1, 5000), "as many may come at once")
    connect_rate_limit: int = setting(100, Whole(1, 500), "handshakes")
    connect_burst_limit: int = setting(100, Whole(1, 500), "as many may come at once")
    http_rate_limit: int = setting(200, Whole(1, 10_000), "HTTP calls")
    http_burst_limit: int = setting(100, Whole(1, 5000), "as many may come at once")


@dataclass(frozen=True, kw_only=True)
class LogAndAlarmOptions(Options, section="logs"):
    """What is logged, and what raises an alarm."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = setting(
        "INFO",
        OneOf("DEBUG", "INFO", "WARNING", "ERROR"),
        "how much the functions write",
    )
    log_retention_days: int = setting(
        30,
        WholeAmong(1, 3, 5, 7, 14, 30, 60, 90, 180, 365),
        "how long logs are kept",
    )
    http_access_logs: bool = setting(
        True,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether the HTTP API writes an access log",
    )
    websocket_access_logs: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether the WebSocket API writes one; see below",
    )
    failed_generations_alarm: int = setting(
        10,
        Whole(0, 1_000_000),
        "more failed answers than this in five minutes raise an alarm",
    )
    failed_generations_percent_alarm: int = setting(
        25,
        Whole(0, 100),
        "a larger share of failed answers than this, in percent, raises an alarm",
    )
    slow_first_text_seconds_alarm: int = setting(
        30,
        Whole(1, 600),
        "if a tenth of the answers begin later than this, an alarm is raised; some models reason longer",
    )
    queue_wait_seconds_alarm: int = setting(
        10,
        Whole(1, 600),
        "if a tenth of the prompts wait for a worker for longer than this, an alarm is raised",
    )
    throttled_posts_percent_alarm: int = setting(
        5,
        Whole(0, 100),
        "a larger share of frames that the gateway refuses than this, in percent, raises an alarm",
    )
    server_errors_alarm: int = setting(
        5,
        Whole(0, 1_000_000),
        "more 5xx answers, socket errors or unavailable handshakes than this in five minutes raise an alarm",
    )
    server_errors_percent_alarm: int = setting(
        10,
        Whole(0, 100),
        "a larger share of 5xx answers than this, in percent, raises an alarm",
    )
    failed_authentications_percent_alarm: int = setting(
        50,
        Whole(0, 100),
        "a larger share of handshakes without a valid credential than this, in percent, raises an alarm",
    )
    refused_requests_alarm: int = setting(
        1000,
        Whole(1, 100_000_000),
        "more HTTP requests refused with 4xx than this in five minutes raise an alarm",
    )
    rejected_messages_alarm: int = setting(
        1000,
        Whole(1, 100_000_000),
        "more refused messages over sockets than this in five minutes raise an alarm",
    )
    rejected_connects_alarm: int = setting(
        100,
        Whole(1, 1_000_000),
        "refused handshakes in five minutes that raise the alarm",
    )
    dashboard: bool = setting(
        True,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether the stack has a [dashboard](operating.md#dashboard); AWS takes nothing for an account's "
        "first three, and something for each further one",
    )
    alarm_email: str = setting("", texts.EMAIL, "where alarms are mailed to; empty: nowhere")
    alarm_topic_arn: str = setting(
        "",
        texts.TOPIC,
        "an SNS topic of yours that alarms report to; empty: the stack makes one, which needs subscribers",
    )
    monthly_budget_usd: int = setting(
        0,
        Whole(0, 10_000_000),
        "tells when the account's bill of a month reaches 80 percent of this, or is expected to exceed it; "
        "0: no budget",
    )
    cost_anomaly_usd: int = setting(
        0,
        Whole(0, 10_000_000),
        "tells when the stack's costs differ by at least this from what is usual; needs the cost allocation "
        "tag `aws:cloudformation:stack-name`; 0: no monitor",
    )


@dataclass(frozen=True, kw_only=True)
class WayInOptions(Options, section="ways-in"):
    """Domains, the edge before the APIs, and the demo page."""

    demo_page: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether the demo page is hosted; see [above](#the-demo-page)",
    )
    edge: bool = setting(
        False,  # noqa: FBT003 - the name is on the left.
        Switch(),
        "whether CloudFront and a firewall stand before the APIs; see "
        "[above](#an-edge-cloudfront-and-a-firewall)",
    )
    edge_requests_per_five_minutes: int = setting(
        2000,
        Whole(10, 2_000_000),
        "requests and handshakes of one IP address; more are refused for a while",
    )
    edge_secret_version: str = setting(
        "",
        texts.SECRET_VERSION,
        "which version of its secret CloudFront takes over; empty: the current one when it is deployed "
        "or changed",
    )
    http_domain: str = setting("", texts.DOMAIN, "a name of yours for the HTTP API")
    http_certificate_arn: str = setting("", texts.CERTIFICATE, "its certificate")
    websocket_domain: str = setting("", texts.DOMAIN, "a name of yours for the sockets")
    websocket_certificate_arn: str = setting("", texts.CERTIFICATE, "its certificate")
