"""What goes wrong, and why: each error by its word, each limit that was met."""

from functions.shared.metric_dimensions import (
    CLOSE_CODE,
    CONNECT_REASON,
    FAILURE,
    MESSAGE_REASON,
    MODEL_STATUS,
    STATUS,
)
from functions.shared.metrics import Metric
from infra.dashboard.costs import FUNCTIONS
from infra.dashboard.graphs import Graph, Section
from infra.dashboard.lines import OfAws, by_function, by_word, counted, formula, line

HEALTH = Section(
    "Health",
    (
        Graph("Functions' errors", "in a period", by_function("Errors", *FUNCTIONS)),
        Graph("Functions throttled", "in a period", by_function("Throttles", *FUNCTIONS)),
        Graph(
            "Gateways' errors",
            "in a period",
            (
                line("HTTP 5xx", OfAws("http", "api", "5xx")),
                line("WebSocket integration", OfAws("websocket", "api", "IntegrationError")),
                line("WebSocket execution", OfAws("websocket", "api", "ExecutionError")),
            ),
        ),
        Graph(
            "Table throttled",
            "in a period",
            (
                line("reads", OfAws("dynamodb", "table", "ReadThrottleEvents")),
                line("writes", OfAws("dynamodb", "table", "WriteThrottleEvents")),
            ),
        ),
        Graph("Failed answers, by code", "in a period", by_word(Metric.GENERATIONS_FAILED, FAILURE)),
        Graph("Model's errors, by code", "in a period", by_word(Metric.MODEL_ERRORS, FAILURE)),
        Graph(
            "Model's errors, by status",
            "in a period",
            (line("all", Metric.MODEL_ERRORS), *by_word(Metric.MODEL_ERRORS, MODEL_STATUS)),
        ),
        Graph("Answers by a fallback", "in a period", (line("answers", Metric.FALLBACK_ANSWERS),)),
        Graph(
            "Begun again",
            "in an answer",
            (
                formula(
                    "attempts", "{tried} / {begun}", tried=Metric.ATTEMPTS, begun=Metric.ACCEPTED_PROMPTS
                ),
                formula("model calls", "{calls} / {tried}", calls=Metric.MODEL_CALLS, tried=Metric.ATTEMPTS),
            ),
        ),
        Graph(
            "Refused handshakes, by reason", "in a period", by_word(Metric.REJECTED_CONNECTS, CONNECT_REASON)
        ),
        Graph("Refused requests, by status", "in a period", by_word(Metric.REFUSED_REQUESTS, STATUS)),
        Graph(
            "Refused messages, by reason", "in a period", by_word(Metric.REJECTED_MESSAGES, MESSAGE_REASON)
        ),
        Graph(
            "Ended connections, by close code", "in a period", by_word(Metric.CLOSED_CONNECTIONS, CLOSE_CODE)
        ),
        Graph(
            "Frames that did not arrive",
            "in a period",
            (
                line("connection gone (410)", Metric.GONE_POSTS),
                line("too many (429)", Metric.THROTTLED_POSTS),
                line("too large (413)", Metric.OVERSIZED_POSTS),
                line("no answer", Metric.FAILED_POSTS),
            ),
        ),
        Graph(
            "Public keys not to be had",
            "in a period",
            tuple(
                line(service, counted(Metric.JWKS_FAILURES, service))
                for service in Metric.JWKS_FAILURES.services
            ),
        ),
        Graph("Worker's event loop is late by", "ms", (line("most", Metric.EVENT_LOOP_LAG, "Maximum"),)),
        Graph(
            "Age of the oldest message",
            "s",
            (
                line("prompts", OfAws("sqs", "queue", "ApproximateAgeOfOldestMessage"), "Maximum"),
                line("reminders", OfAws("sqs", "reminders", "ApproximateAgeOfOldestMessage"), "Maximum"),
            ),
        ),
    ),
)
