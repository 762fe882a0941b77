"""Every metric, a row each: functions measure them; alarms, dashboard and documents name them from here.

A metric is a number about all users together; `metric_dimensions` says by what it may be split.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Self

from functions.shared.metric_dimensions import (
    CLOSE_CODE,
    CONNECT_REASON,
    FAILURE,
    MESSAGE_REASON,
    MODEL_STATUS,
    STATUS,
)

if TYPE_CHECKING:
    from functions.shared.metric_dimensions import Dimension


class Unit(StrEnum):
    """What is measured, in CloudWatch's words."""

    COUNT = "Count"
    SECONDS = "Seconds"
    MILLISECONDS = "Milliseconds"
    BYTES = "Bytes"
    PER_SECOND = "Count/Second"
    RATIO = "None"


class Metric(StrEnum):
    """Each metric: its name, the functions that measure it, its unit, what it says, how it is split."""

    services: tuple[str, ...]
    """Those that measure it; each has a metric of its own, told apart by the dimension `service`."""
    unit: Unit
    sentence: str
    dimensions: tuple[Dimension, ...]
    """It is recorded as a total, and again by each of these."""

    def __new__(
        cls, name: str, services: str, unit: Unit, sentence: str, dimensions: tuple[Dimension, ...] = ()
    ) -> Self:
        """Make a name that knows the rest of its row."""
        metric = str.__new__(cls, name)
        metric._value_ = name
        metric.services = tuple(services.split())
        metric.unit = unit
        metric.sentence = sentence
        metric.dimensions = dimensions
        return metric

    ACCEPTED_CONNECTS = "AcceptedConnects", "connect", Unit.COUNT, "handshakes that became connections"
    REJECTED_CONNECTS = (
        "RejectedConnects",
        "connect",
        Unit.COUNT,
        "handshakes that were refused",
        (CONNECT_REASON,),
    )
    USER_CONNECTIONS = (
        "UserConnections",
        "connect",
        Unit.COUNT,
        "open connections of a handshake's user, the new one included",
    )
    JWKS_FAILURES = (
        "JwksFailures",
        "connect generate",
        Unit.COUNT,
        "questions for public keys that brought no usable set",
    )

    CLOSED_CONNECTIONS = (
        "ClosedConnections",
        "disconnect",
        Unit.COUNT,
        "connections that ended, by close code",
        (CLOSE_CODE,),
    )
    CONNECTION_DURATION = ("ConnectionDuration", "disconnect", Unit.SECONDS, "how long a connection was open")
    OPEN_TIME = (
        "OpenTime",
        "message disconnect",
        Unit.SECONDS,
        "time open since the connection's last report; sum / period is the number of open ones",
    )

    RECEIVED_MESSAGES = "ReceivedMessages", "message", Unit.COUNT, "messages of clients"
    SENT_MESSAGES = "SentMessages", "message", Unit.COUNT, "replies to them"
    REJECTED_MESSAGES = ("RejectedMessages", "message", Unit.COUNT, "messages refused", (MESSAGE_REASON,))

    REQUESTS = "Requests", "generate", Unit.COUNT, "HTTP requests, refused ones included"
    REFUSED_REQUESTS = (
        "RefusedRequests",
        "generate",
        Unit.COUNT,
        "HTTP requests that were refused",
        (STATUS,),
    )
    ACCEPTED_PROMPTS = ("AcceptedPrompts", "generate", Unit.COUNT, "prompts accepted, repeated ones too")
    DEPLOYMENT_BUDGET = (
        "DeploymentBudget",
        "generate",
        Unit.RATIO,
        "percent of the nearest limit of `deployment_budget` that are used or held, once a minute",
    )
    LEFT_OVER_HOLDS = (
        "LeftOverHolds",
        "generate",
        Unit.COUNT,
        "holds of a budget whose answers had ended without settling them",
    )
    WAITING_PROMPTS = (
        "WaitingPrompts",
        "generate",
        Unit.COUNT,
        "looks at a prompt that no worker had begun after 35 s",
    )

    GENERATIONS_COMPLETED = "GenerationsCompleted", "worker", Unit.COUNT, "answers that are whole"
    GENERATIONS_FAILED = "GenerationsFailed", "worker", Unit.COUNT, "answers that failed", (FAILURE,)
    GENERATIONS_CANCELLED = (
        "GenerationsCancelled",
        "worker",
        Unit.COUNT,
        "answers that were stopped while a worker made them: by users, by prompts that interrupt, with chats",
    )
    FALLBACK_ANSWERS = (
        "FallbackAnswers",
        "worker",
        Unit.COUNT,
        "answers with text that another model gave than was asked for",
    )
    QUEUE_WAIT = ("QueueWait", "worker", Unit.MILLISECONDS, "from acceptance to a worker's beginning")
    FIRST_TEXT = ("FirstText", "worker", Unit.MILLISECONDS, "from acceptance to the first text")
    FIRST_TEXT_OF_WORKER = (
        "FirstTextOfWorker",
        "worker",
        Unit.MILLISECONDS,
        "from a worker's beginning to the first text",
    )
    ANSWER_TIME = (
        "AnswerTime",
        "worker",
        Unit.MILLISECONDS,
        "from a worker's beginning to the end; sum / period is the number under way",
    )
    TOKENS_PER_SECOND = (
        "TokensPerSecond",
        "worker",
        Unit.PER_SECOND,
        "tokens from the first text to the end",
    )
    PROMPT_TOKENS = "PromptTokens", "worker", Unit.COUNT, "tokens of prompts, as the provider counts"
    COMPLETION_TOKENS = "CompletionTokens", "worker", Unit.COUNT, "tokens of answers, as its provider counts"
    ATTEMPTS = "Attempts", "worker", Unit.COUNT, "how often an answer was begun"
    MODEL_CALLS = "ModelCalls", "worker", Unit.COUNT, "calls to the model, repeated ones and summaries too"
    MODEL_ERRORS = (
        "ModelErrors",
        "worker",
        Unit.COUNT,
        "calls to the model that failed",
        (FAILURE, MODEL_STATUS),
    )
    CONTENT_HOOK_STOPS = (
        "ContentHookStops",
        "worker",
        Unit.COUNT,
        "calls of the content hook that stopped a prompt or an answer",
    )
    CONTENT_HOOK_FAILURES = (
        "ContentHookFailures",
        "worker",
        Unit.COUNT,
        "calls of the content hook that raised, took too long or returned what means nothing",
    )
    DELIVERED_POSTS = "DeliveredPosts", "worker", Unit.COUNT, "frames that the gateway took (200)"
    POSTED_BYTES = "PostedBytes", "worker", Unit.BYTES, "bytes of these frames"
    GONE_POSTS = "GonePosts", "worker", Unit.COUNT, "frames to ended connections (410)"
    OVERSIZED_POSTS = "OversizedPosts", "worker", Unit.COUNT, "frames that were too large (413)"
    THROTTLED_POSTS = ("ThrottledPosts", "worker", Unit.COUNT, "frames refused as too many (429)")
    FAILED_POSTS = "FailedPosts", "worker", Unit.COUNT, "frames without an answer, or with another"
    MERGE_FACTOR = (
        "MergeFactor",
        "worker",
        Unit.RATIO,
        "pieces of the model's text in a frame, mean of an answer",
    )
    ACTIVE_ANSWERS = (
        "ActiveAnswers",
        "worker",
        Unit.COUNT,
        "most answers side by side in a worker, each 10 s",
    )
    EVENT_LOOP_LAG = (
        "EventLoopLag",
        "worker",
        Unit.MILLISECONDS,
        "most that a worker's event loop ran late, each 10 s",
    )


def totals() -> int:
    """Return how many metrics CloudWatch keeps, and bills, without those of single words."""
    return sum(len(metric.services) for metric in Metric)


def parts() -> int:
    """Return how many it keeps besides if every word of every dimension occurs."""
    return sum(
        len(metric.services) * len(dimension.values) for metric in Metric for dimension in metric.dimensions
    )
