"""Alarms about what AWS refuses us because we ask for too much."""

from functions.shared.metrics import Metric
from infra.alarm_rows.row import AlarmRow
from infra.alarm_sources import FunctionMetric, Ours, TableMetric, Threshold, percent, total

FUNCTIONS = ("connect", "disconnect", "message", "generate", "worker")

CAPACITY = (
    AlarmRow(
        name="FunctionsThrottled",
        watches=total(**{name: FunctionMetric(name, "Throttles") for name in FUNCTIONS}),
        hurts=True,
        description="Lambda refuses to run our functions: the account's concurrency is used up.",
        raised_when="Lambda throttled one of the functions within five minutes",
        meaning="all functions of the account together run as often at once as it may; new accounts have 10 "
        "to 50",
        seen="sockets do not open, calls answer 500 or 503, prompts wait",
        check="`aws lambda get-account-settings`, and the metric `ConcurrentExecutions` of the account",
        action="ask AWS for more; lower `worker_max_concurrency`; reserve some with "
        "`connect_reserved_concurrency` and `generate_reserved_concurrency`",
    ),
    AlarmRow(
        name="TableThrottled",
        watches=total(reads=TableMetric("ReadThrottleEvents"), writes=TableMetric("WriteThrottleEvents")),
        hurts=True,
        description="DynamoDB refuses reads or writes: the table takes no more right now.",
        raised_when="DynamoDB throttled a request to the table within five minutes",
        meaning="a table that is new, or was quiet for long, got more than it takes at once (4,000 writes a "
        "second), or one user's items did (1,000)",
        seen="little at first: calls are repeated. Then 503, and answers that begin again",
        check="`ConsumedWriteCapacityUnits` of the table",
        action="it grows by itself within minutes; before an expected rush set `table_warm_writes`",
    ),
    AlarmRow(
        name="ThrottledPosts",
        watches=percent(
            "throttled",
            "delivered + throttled",
            at_least=100,
            throttled=Ours(Metric.THROTTLED_POSTS),
            delivered=Ours(Metric.DELIVERED_POSTS),
        ),
        above=Threshold(settings=("throttled_posts_percent_alarm",)),
        description="API Gateway refuses posts to sockets: frames come further apart.",
        raised_when="of 100 or more posts within five minutes, more than {above} percent were answered 429",
        meaning="the account's requests to all its APIs are more than its quota, or clients read slowly",
        seen="text comes in larger pieces, up to 2 s apart; nothing is lost",
        check="`aws service-quotas get-service-quota --service-code apigateway --quota-code L-8A5B8E43`",
        action="ask AWS for more, or raise `frame_interval_milliseconds`; see "
        "[costs.md](costs.md#how-many-answers-at-once)",
    ),
)
