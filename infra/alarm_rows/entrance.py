"""Alarms about the ways in: handshakes, calls and messages that are refused or fail."""

from functions.shared.metrics import Metric
from infra.alarm_rows.row import QUARTER, AlarmRow, errors_of
from infra.alarm_sources import ApiMetric, Ours, Threshold, percent, total

REASONS = "which `reason`: [query](#logs)"

ENTRANCE = (
    errors_of(
        "connect",
        hurts=True,
        raised_when="connect failed within five minutes",
        meaning="nearly always its settings: the token secret is too short, or is neither a text nor JSON "
        "with `current`",
        seen="no new socket opens; those that are open go on",
        action="the log has a `SettingsError` that says which. New sockets are refused until it is mended",
    ),
    errors_of(
        "disconnect",
        hurts=False,
        raised_when="disconnect failed within five minutes",
        meaning="the table did not answer",
        seen="nothing",
        action="slots stay held until a handshake needs them, or they expire; no need to act if it passes",
    ),
    errors_of(
        "message",
        hurts=False,
        raised_when="message failed within five minutes",
        meaning="the table or the gateway did not answer a heartbeat",
        seen="nothing: streams go on meanwhile",
        action="if it lasts, look at the error",
    ),
    errors_of(
        "generate",
        hurts=True,
        raised_when="generate failed within five minutes",
        meaning="as ConnectErrors",
        seen="calls answer 500; clients try again",
        action="as ConnectErrors",
    ),
    AlarmRow(
        name="ServerErrors",
        watches=ApiMetric("http", "5xx"),
        above=Threshold(settings=("server_errors_alarm",)),
        hurts=True,
        description="The HTTP API answers 5xx: prompts, tickets or reads fail.",
        raised_when="the HTTP API answered more than {above} requests with 5xx within five minutes",
        meaning="the table, the queue or the secret does not answer (503), or generate fails or is throttled "
        "(500)",
        seen="prompts are not taken; clients try again",
        check='`filter message = "refused" and status >= 500 | stats count() as n by reason` over '
        "generate's log; the [AWS status page](https://health.aws.amazon.com/)",
        action="`reason` names the error of AWS that came back: throttling, a permission, an outage. No "
        "such line: see GenerateErrors and FunctionsThrottled",
    ),
    AlarmRow(
        name="ServerErrorRate",
        watches=percent(
            "bad", "requests", at_least=4, bad=ApiMetric("http", "5xx"), requests=ApiMetric("http", "Count")
        ),
        above=Threshold(settings=("server_errors_percent_alarm",)),
        period=QUARTER,
        hurts=True,
        description="A large share of the HTTP requests fails.",
        raised_when="of four or more requests in 15 minutes, over {above} percent were answered 5xx",
        meaning="as ServerErrors; this one hears a small site too",
        seen="as ServerErrors",
        check="as ServerErrors",
        action="as ServerErrors",
    ),
    AlarmRow(
        name="SocketErrors",
        watches=total(
            integration=ApiMetric("websocket", "IntegrationError"),
            execution=ApiMetric("websocket", "ExecutionError"),
        ),
        above=Threshold(settings=("server_errors_alarm",)),
        hurts=True,
        description="The WebSocket API fails to call our functions.",
        raised_when="the WebSocket API had more than {above} errors within five minutes",
        meaning="connect, message or disconnect failed, took 29 s, or was throttled",
        seen="sockets do not open, or get `Internal server error`",
        check="ConnectErrors, MessageErrors, FunctionsThrottled; the WebSocket access log, with "
        "`websocket_access_logs`",
        action="as the alarm that came with it says",
    ),
    AlarmRow(
        name="UnavailableConnects",
        watches=Ours(Metric.REJECTED_CONNECTS, ("reason", "unavailable")),
        above=Threshold(settings=("server_errors_alarm",)),
        hurts=True,
        description="Handshakes are refused because something that we depend on does not answer.",
        raised_when="more than {above} handshakes were answered 503 within five minutes",
        meaning="the table is throttled or away, a secret cannot be read, or the identity provider's keys "
        "are missing",
        seen="no new socket opens; clients try again",
        check=REASONS,
        action="`registry_throttled`: see TableThrottled. `jwks`: see PublicKeys. Else the name of an error "
        "of AWS",
    ),
    AlarmRow(
        name="RejectedConnects",
        watches=Ours(Metric.REJECTED_CONNECTS),
        above=Threshold(settings=("rejected_connects_alarm",)),
        description="Many handshakes are refused: an attack, looping clients, a wrong secret or origin.",
        raised_when="more than {above} handshakes were refused within five minutes",
        meaning="an attack, clients in a loop, a wrong secret, a new front end whose origin is missing",
        seen="those that are refused: no answers; the others: nothing",
        check=REASONS,
        action="as the table of reasons says; an attack: an "
        "[edge](deploying.md#an-edge-cloudfront-and-a-firewall) limits each address",
    ),
    AlarmRow(
        name="FailedAuthentications",
        watches=percent(
            "tokens + tickets",
            "accepted + rejected",
            at_least=10,
            tokens=Ours(Metric.REJECTED_CONNECTS, ("reason", "token")),
            tickets=Ours(Metric.REJECTED_CONNECTS, ("reason", "ticket")),
            accepted=Ours(Metric.ACCEPTED_CONNECTS),
            rejected=Ours(Metric.REJECTED_CONNECTS),
        ),
        above=Threshold(settings=("failed_authentications_percent_alarm",)),
        period=QUARTER,
        description="A large share of the handshakes shows no valid token or ticket.",
        raised_when="of ten or more handshakes in a quarter of an hour, over {above} percent had no valid "
        "credential",
        meaning="the two sides have different secrets or keys, a clock is wrong, or clients do not renew "
        "their tokens",
        seen="sockets do not open; users are asked to sign in again",
        check=REASONS,
        action="`token_signature`: compare the secrets or the `kid`s. `token_expired`: the clients' "
        "renewal, and clocks",
    ),
    AlarmRow(
        name="PublicKeys",
        watches=total(
            connect=Ours(Metric.JWKS_FAILURES, service="connect"),
            generate=Ours(Metric.JWKS_FAILURES, service="generate"),
        ),
        above=Threshold(2),
        description="The identity provider's public keys cannot be read.",
        raised_when="`token_jwks_url` gave no usable set of keys more than 2 times within five minutes",
        meaning="the identity provider is down, moved its keys, or publishes none of this `token_algorithm`",
        seen="nothing for an hour, while the last good set is used; then, and in new environments at "
        "once, every token is refused",
        check="`curl -sS TOKEN_JWKS_URL`",
        action="mend the endpoint within the hour, or set another `token_jwks_url` and deploy",
    ),
    AlarmRow(
        name="RefusedRequests",
        watches=ApiMetric("http", "4xx"),
        above=Threshold(settings=("refused_requests_alarm",)),
        description="Very many HTTP requests are refused: a flood, or clients in a loop.",
        raised_when="the HTTP API refused more than {above} requests (4xx, the gateway's own 429 among them) "
        "within five minutes",
        meaning="a flood or clients in a loop; above the gateway's rate all users are refused alike",
        seen="429 if the gateway's rate is met; otherwise nothing",
        check=REASONS + "; the HTTP API's access log tells addresses",
        action="an [edge](deploying.md#an-edge-cloudfront-and-a-firewall) limits each address; a user: stop "
        "giving tokens, and [close its sockets](#close-a-users-sockets)",
    ),
    AlarmRow(
        name="RejectedMessages",
        watches=Ours(Metric.REJECTED_MESSAGES),
        above=Threshold(settings=("rejected_messages_alarm",)),
        description="Very many messages are refused: clients in a loop, or a flood.",
        raised_when="more than {above} messages over sockets were refused within five minutes",
        meaning="clients send what is no keep-alive, or too much; such sockets are closed, and come again",
        seen="nothing",
        check=REASONS + ", with `user_id` and `connection_id`",
        action="[close the user's sockets](#close-a-users-sockets); mend the client",
    ),
)
