"""Tables of what one answer, one socket and single events cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.costs import answer_usage, usage
from tools.costs.answer_usage import Answer
from tools.costs.bill import dollars
from tools.costs.calls import CALLS, read, written
from tools.costs.prices import MILLION, PRICES, Item
from tools.marked import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.costs.bill import Usage

INTERVALS = (50, 100, 250)
"""Milliseconds between two frames."""
SHARING = ((1, 512), (1, 1024), (5, 1024), (10, 1024), (20, 1024))
"""Answers per worker, and its memory in MB."""
COLD_SECONDS = {"the worker": 2.0, "every other function": 1.0}


def total(parts: Mapping[str, Usage]) -> float:
    """Add up a bill's parts."""
    return sum(dollars(part) for part in parts.values())


def per_thousand(answer: Answer) -> str:
    """Return what 1,000 answers cost, in US dollars with cents."""
    return f"{1000 * dollars(answer_usage.answer(answer)):.2f}"


def answers() -> str:
    """Frame intervals and sockets."""
    header = ["frame interval", "sockets", "messages per answer", "WebSocket messages", "worker", "**total**"]
    rows = [_answer(interval, sockets) for sockets in (1, 3) for interval in INTERVALS]
    return table(header, rows)


def _answer(interval: int, sockets: int) -> list[str]:
    first = min(interval, Answer().first_frame_interval_ms)
    answer = Answer(sockets=sockets, first_frame_interval_ms=first, frame_interval_ms=interval)
    parts = answer_usage.answer_parts(answer)
    is_default = interval == Answer().frame_interval_ms
    return [
        f"{interval} ms{' (default)' if is_default else ''}",
        str(sockets),
        str(answer.messages * sockets),
        f"{1000 * dollars(parts[answer_usage.MESSAGES]):.3f}",
        f"{1000 * dollars(parts[answer_usage.WORKER]):.3f}",
        f"**{per_thousand(answer)}**",
    ]


def formula() -> str:
    """How each part of an answer is calculated, and what it is in the example."""
    formulas = _formulas()
    parts = answer_usage.answer_parts(Answer())
    rows = [[name, formulas[name], f"{MILLION * dollars(part):.2f}"] for name, part in parts.items()]
    together = ["**together**", "", f"**{MILLION * total(parts):.2f}**"]
    return table(["part", "US dollars", "the example, per million"], [*rows, together])


def _formulas() -> dict[str, str]:
    def a_million(item: Item) -> str:
        return f"{MILLION * PRICES[item].each:g} / million"

    calls = f"{a_million(Item.INVOCATION)} + %s · {a_million(Item.GB_SECOND)}"
    brief = calls % f"{usage.BRIEF_SECONDS} · {usage.BRIEF_MEMORY_MB / 1024}"
    renewal = f"s/{usage.DEFAULTS.lease_seconds / answer_usage.RENEWALS:g}"
    return {
        answer_usage.MESSAGES: f"(⌈1 / e + (T/R - 1) / d⌉ + {answer_usage.STATUS_MESSAGES}) · C · "
        f"{a_million(Item.WEBSOCKET_MESSAGE)}",
        answer_usage.WORKER: f"({calls % f'(s + {answer_usage.AROUND_SECONDS}) · G'}) / k",
        "DynamoDB": f"({answer_usage.ANSWER_WRITES} + s + {renewal}) · {a_million(Item.WRITE)} written + "
        f"({answer_usage.ANSWER_READS} + 2s - {renewal}) · {a_million(Item.READ)} read; "
        "longer prompts: 1 more written per KB",
        "SQS": f"({answer_usage.ANSWER_QUEUE_REQUESTS} + {renewal} + (s + 1) / k) · "
        f"{a_million(Item.QUEUE_REQUEST)}",
        "HTTP call with its function": f"{a_million(Item.HTTP_REQUEST)} + {brief}",
        answer_usage.REMINDER: f"{brief} + {a_million(Item.READ)} + "
        f"{answer_usage.REMINDER_QUEUE_REQUESTS} · {a_million(Item.QUEUE_REQUEST)}",
        "logs": f"({answer_usage.ANSWER_LOG_BYTES / 1000} KB + "
        f"{answer_usage.METRICS_LOG_BYTES / 1000} KB / k) · "
        f"{PRICES[Item.LOG_GB].usd} / GB",
        "traffic": f"({answer_usage.ENVELOPE_BYTES} B · messages + "
        f"{2 * answer_usage.BYTES_PER_TOKEN} B · T · C) · "
        f"{PRICES[Item.TRAFFIC_GB].usd} / GB",
    }


def sharing() -> str:
    """What it would cost if answers shared workers."""
    rows = []
    for number, memory in SHARING:
        answer = Answer(per_worker=number, memory_mb=memory)
        worker = 1000 * dollars(answer_usage.answer_parts(answer)[answer_usage.WORKER])
        rows.append([str(number), f"{memory:,} MB", f"{worker:.3f}", f"**{per_thousand(answer)}**"])
    return table(["answers per worker", "its memory", "worker", "**total**"], rows)


def hour() -> str:
    """An open socket, a million hours of it."""
    parts = usage.open_hour()
    rows = [[name, f"{MILLION * dollars(part):.2f}"] for name, part in parts.items()]
    return table(
        ["part", "US dollars per million hours"],
        [*rows, ["**together**", f"**{MILLION * total(parts):.2f}**"]],
    )


def events() -> str:
    """Everything that happens beside answers."""
    single = {
        "a socket comes and goes: ticket, handshake, `$disconnect`": usage.admission(),
        "a heartbeat and its answer": usage.heartbeat(),
        "a call that the function only refuses, or a preflight that comes to it": usage.call(),
    }
    cold = {
        f"a cold start of {name}, if it takes {seconds:g} s": usage.running(seconds)
        for name, seconds in COLD_SECONDS.items()
    }
    snapped = {"a start of the worker from a snapshot, with `snap_start`": usage.restored(Answer().memory_mb)}
    rows = [[name, f"{MILLION * dollars(used):.2f}"] for name, used in (single | cold | snapped).items()]
    return table(["event", "US dollars per million"], rows)


def calls() -> str:
    """What each event asks of AWS, as it is counted."""
    rows = [
        [
            event,
            ", ".join(_times(call, times) for call, times in made.items()),
            str(written(event)),
            str(read(event)),
        ]
        for event, made in CALLS.items()
    ]
    return table(["event", "calls", "write units", "read units"], rows)


def _times(call: str, times: int) -> str:
    return f"{call} ({times})" if times > 1 else call


def example() -> str:
    """What the example is, as part of a sentence."""
    of = Answer()
    return (
        f"{of.tokens:g} tokens at {of.tokens_per_second:g} tokens a second, first token after "
        f"{of.first_token_seconds:g} s, worker of {of.memory_mb:,} MB shared by {of.per_worker:g}"
    )


def open_hours(every: float) -> str:
    """What 1,000 hours of an open socket cost, with a heartbeat so often."""
    return f"{1000 * total(usage.open_hour(every)):.2f}"


def writes(units: int) -> str:
    """What so many write units in each of 1,000 answers cost."""
    return f"{1000 * dollars({Item.WRITE: units}):.2f}"


def gigabyte_read() -> str:
    """What a walk over a gigabyte of the table costs, read consistently, four KB to the unit."""
    return f"${dollars({Item.READ: 2**30 / 4096}):.2f}"


def reminder() -> str:
    """What 1,000 reminders cost, each handed over alone, with the request that sends it."""
    looked_at = answer_usage.answer_parts(Answer())[answer_usage.REMINDER]
    return f"{1000 * (dollars(looked_at) + dollars({Item.QUEUE_REQUEST: 1})):.3f}"


def readme() -> str:
    """The short form."""
    rows = [
        [
            f"one socket, a frame each {Answer().frame_interval_ms} ms after a dense second (default)",
            f"${per_thousand(Answer())}",
        ],
        ["three sockets, the same", f"${per_thousand(Answer(sockets=3))}"],
        ["one socket, a frame each 100 ms", f"${per_thousand(Answer(frame_interval_ms=100))}"],
    ]
    return table(["", "per 1,000 answers"], rows)


def shares() -> str:
    """Where the money of the example goes."""
    parts = answer_usage.answer_parts(Answer())
    messages, worker = (
        dollars(parts[name]) / total(parts) for name in (answer_usage.MESSAGES, answer_usage.WORKER)
    )
    return f"{messages:.0%} is WebSocket messages and {worker:.0%} the worker"
