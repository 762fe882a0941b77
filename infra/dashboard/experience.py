"""What users notice: whether they are hurt, how long they wait, how fast answers come."""

from functions.shared.metrics import Metric
from infra.dashboard.costs import FUNCTIONS
from infra.dashboard.graphs import Graph, Section
from infra.dashboard.lines import OfAws, by_function, formula, line, percentiles

HURT = Section(
    "Are users hurt?",
    (
        Graph(
            "Answers that fail",
            "% of those that end",
            (
                formula(
                    "failed",
                    "100 * {failed} / ({failed} + {completed} + {cancelled})",
                    failed=Metric.GENERATIONS_FAILED,
                    completed=Metric.GENERATIONS_COMPLETED,
                    cancelled=Metric.GENERATIONS_CANCELLED,
                ),
            ),
        ),
        Graph(
            "Refused",
            "% of handshakes, of requests, of messages",
            (
                formula(
                    "handshakes",
                    "100 * {rejected} / ({rejected} + {accepted})",
                    rejected=Metric.REJECTED_CONNECTS,
                    accepted=Metric.ACCEPTED_CONNECTS,
                ),
                formula(
                    "requests",
                    "100 * {refused} / {requests}",
                    refused=Metric.REFUSED_REQUESTS,
                    requests=Metric.REQUESTS,
                ),
                formula(
                    "messages",
                    "100 * {rejected} / {received}",
                    rejected=Metric.REJECTED_MESSAGES,
                    received=Metric.RECEIVED_MESSAGES,
                ),
            ),
        ),
        Graph("From prompt to first text", "ms", percentiles(Metric.FIRST_TEXT)),
        Graph("Prompts that no worker begins with", "looks", (line("waiting", Metric.WAITING_PROMPTS),)),
    ),
)

WAITING = Section(
    "Waiting",
    (
        Graph("From prompt to worker", "ms", percentiles(Metric.QUEUE_WAIT)),
        Graph(
            "Answers under way",
            "at once",
            (formula("under way", "{ms} / 1000 / {period}", ms=Metric.ANSWER_TIME),),
        ),
        Graph(
            "Answers in one worker",
            "at once",
            (line("mean", Metric.ACTIVE_ANSWERS, "Average"), line("most", Metric.ACTIVE_ANSWERS, "Maximum")),
        ),
        Graph(
            "Queues",
            "messages",
            (
                line("prompts", OfAws("sqs", "queue", "ApproximateNumberOfMessagesVisible"), "Maximum"),
                line(
                    "dead letters",
                    OfAws("sqs", "dead_letters", "ApproximateNumberOfMessagesVisible"),
                    "Maximum",
                ),
            ),
        ),
    ),
)

LATENCY = Section(
    "Latency",
    (
        Graph("From worker to first text", "ms", percentiles(Metric.FIRST_TEXT_OF_WORKER)),
        Graph("Tokens a second, of an answer", "tokens", percentiles(Metric.TOKENS_PER_SECOND)),
        Graph("Pieces of text in a frame", "pieces", (line("mean", Metric.MERGE_FACTOR, "Average"),)),
        Graph("Connections last", "s", percentiles(Metric.CONNECTION_DURATION)),
        Graph("Functions' duration, p95", "ms", by_function("Duration", *FUNCTIONS[:-1], statistic="p95")),
        Graph(
            "Executions at once", "most", by_function("ConcurrentExecutions", *FUNCTIONS, statistic="Maximum")
        ),
    ),
)
