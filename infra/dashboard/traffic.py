"""How much is going on: connections, messages, requests, answers, tokens, bytes."""

from functions.shared.metrics import Metric
from infra.dashboard.graphs import Graph, Section
from infra.dashboard.lines import counted, formula, line

OPEN = {f"open_{service}": counted(Metric.OPEN_TIME, service) for service in Metric.OPEN_TIME.services}

TRAFFIC = Section(
    "Traffic",
    (
        Graph(
            "Open connections",
            "at once",
            (formula("open", f"({' + '.join(f'{{{name}}}' for name in OPEN)}) / {{period}}", **OPEN),),
        ),
        Graph(
            "Handshakes and ends",
            "in a period",
            (
                line("accepted", Metric.ACCEPTED_CONNECTS),
                line("refused", Metric.REJECTED_CONNECTS),
                line("ended", Metric.CLOSED_CONNECTIONS),
            ),
        ),
        Graph(
            "Connections of a user, at a handshake",
            "connections",
            (
                line("mean", Metric.USER_CONNECTIONS, "Average"),
                line("most", Metric.USER_CONNECTIONS, "Maximum"),
            ),
        ),
        Graph(
            "Messages a second",
            "messages",
            (
                formula("received", "{received} / {period}", received=Metric.RECEIVED_MESSAGES),
                formula("replies", "{replies} / {period}", replies=Metric.SENT_MESSAGES),
                formula("frames", "{posts} / {period}", posts=Metric.DELIVERED_POSTS),
            ),
        ),
        Graph(
            "Requests and prompts",
            "in a period",
            (
                line("requests", Metric.REQUESTS),
                line("refused", Metric.REFUSED_REQUESTS),
                line("prompts", Metric.ACCEPTED_PROMPTS),
            ),
        ),
        Graph(
            "Answers that ended",
            "in a period",
            (
                line("completed", Metric.GENERATIONS_COMPLETED),
                line("failed", Metric.GENERATIONS_FAILED),
                line("cancelled", Metric.GENERATIONS_CANCELLED),
            ),
        ),
        Graph(
            "Tokens",
            "in a period",
            (line("read", Metric.PROMPT_TOKENS), line("written", Metric.COMPLETION_TOKENS)),
        ),
        Graph(
            "Bytes to clients",
            "a second",
            (formula("posted", "{bytes} / {period}", bytes=Metric.POSTED_BYTES),),
        ),
    ),
)
