"""Tables of what a month costs, of what an account allows, and of the prices."""

from __future__ import annotations

from functions.shared.metrics import parts, totals
from infra.alarm_table import ALARMS
from tools.capacity import limits as capacity
from tools.costs import month
from tools.costs.answer_tables import INTERVALS, total
from tools.costs.answer_usage import Answer
from tools.costs.bill import dollars
from tools.costs.prices import PRICES, REGION, Item
from tools.marked import table

ENVIRONMENTS = 70
"""An example: workers and other functions in use all month."""
LENGTHS = (7, 35)
"""Seconds of the answers for which a steady flow is told."""


def standing_still() -> str:
    """Return a sentence about a month in which nothing happens."""
    alarms, secrets, polling = map(dollars, month.standing_still().values())
    return (
        f"about {total(month.standing_still()):.0f} US dollars a month in {REGION}: "
        f"{len(ALARMS) + 1} alarms that read {month.METRICS_OF_ALARMS} metrics at "
        f"${PRICES[Item.ALARM_MONTH].usd:.2f} (${alarms:.2f}), {month.SECRETS} "
        f"secrets at ${PRICES[Item.SECRET_MONTH].usd:.2f} (${secrets:.2f}), and the polling of the empty "
        f"queue, at most ${polling:.2f} and usually within SQS's free million"
    )


def in_use() -> str:
    """What comes on top, by the month."""
    used = {
        f"{totals()} metrics of our own, if each is measured every hour": month.metrics(),
        f"{parts()} parts of them, if every reason, code and status occurs every hour": month.metric_parts(),
        f"{ENVIRONMENTS} environments that read a secret again every five minutes": month.secret_calls(
            ENVIRONMENTS
        ),
        "their KMS requests, if the account's managed key encrypts the table; none with DynamoDB's own key": (
            month.key_requests(ENVIRONMENTS)
        ),
        "a GB of prompts and answers, restorable to any second (PITR)": month.kept(1),
        "snapshots of the five functions, with `snap_start`": month.snapshots(),
    }
    return table(
        ["in use", "US dollars a month"], [[name, f"{dollars(each):.2f}"] for name, each in used.items()]
    )


def edge() -> str:
    """Return what the edge costs, as part of a sentence."""
    parts = month.edge()
    told = ", ".join(f"{name} {dollars(part):.2f}" for name, part in parts.items())
    return f"${total(parts):.2f} a month ({told}), ${PRICES[Item.WAF_REQUEST].usd:.2f} for a million requests"


def limits() -> str:
    """What bounds the answers at once."""
    rows = [[limit.name, f"{limit.answers:,}", limit.remedy] for limit in capacity.limits(Answer())]
    return table(["limit", "answers at once that it alone allows", "what raises it"], rows)


def quotas() -> str:
    """What the account allows everything in it together, and what happens beyond it."""
    executions = (
        f"{capacity.LAMBDA_CONCURRENCY:,}; a new account often has {capacity.NEW_ACCOUNT_CONCURRENCY}"
    )
    requests = (
        f"{capacity.POSTS_PER_SECOND:,} with bursts of {capacity.POSTS_BURST:,}, "
        f"{capacity.POSTS_PER_SECOND_SMALL_REGION:,} in some Regions; posts to sockets count, and users have "
        "reported 429 far below"
    )
    throttled = (
        "handshakes fail with 500, calls with 503, and throttled batches stay hidden for up to 90 minutes. "
        "Each answer takes one execution for its whole life"
    )
    rows = [
        ["Lambda's concurrent executions", executions, throttled],
        [
            "API Gateway's requests per second",
            requests,
            "frames come further apart, up to 2 s; nothing is lost",
        ],
        ["new sockets per second", str(capacity.NEW_SOCKETS_PER_SECOND), "handshakes fail with 429"],
    ]
    return table(["quota", "documented", "what happens beyond it"], rows)


def posts() -> str:
    """How the frame interval moves the gateway's limit."""
    quotas = (capacity.POSTS_PER_SECOND, capacity.POSTS_PER_SECOND_SMALL_REGION)
    rows = [
        [
            f"{interval} ms",
            *(f"{capacity.by_posts(Answer(frame_interval_ms=interval), quota):,}" for quota in quotas),
        ]
        for interval in INTERVALS
    ]
    return table(["frame interval", *(f"answers at once, {quota:,} posts/s" for quota in quotas)], rows)


def flow() -> str:
    """Return the steady flow that a fresh stack takes, as part of a sentence."""
    told = [
        f"{capacity.prompts_per_second(seconds):.1f} prompts a second whose answers take {seconds} s"
        for seconds in LENGTHS
    ]
    return ", or ".join(told)


def prices() -> str:
    """Every price, with its source."""
    rows = []
    for item, price in PRICES.items():
        amount = f"{price.usd:g}" if price.per == 1 else f"{price.usd:g} for {price.per:,.0f}"
        rows.append([item.value, amount, f"[{_name(price.source)}]({price.source})"])
    return table(["one", "US dollars", "source"], rows)


def _name(source: str) -> str:
    return source.removeprefix("https://aws.amazon.com/").partition("/")[0]
