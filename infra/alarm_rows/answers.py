"""Alarms about answers: they fail, they wait, they do not come to an end."""

from functions.shared.metrics import Metric
from infra.alarm_rows.row import MINUTE, QUARTER, AlarmRow, errors_of
from infra.alarm_sources import Ours, QueueMetric, Threshold, percent, total

BY_CODE = (
    '`filter message in ["failed", "the model failed"] | stats count() as n by message, code, status, '
    "provider_code` over the worker's log"
)

ANSWERS = (
    AlarmRow(
        name="GenerationsFailed",
        watches=Ours(Metric.GENERATIONS_FAILED),
        above=Threshold(settings=("failed_generations_alarm",)),
        hurts=True,
        description="Answers end in failures: the model is down, or refuses the key or the requests.",
        raised_when="more than {above} answers ended as `failed` within five minutes",
        meaning="the model is down or refuses, or we cannot record answers (`internal`, `worker_lost`)",
        seen="`llm_error` with a code and a sentence instead of an answer",
        check=BY_CODE,
        action="`llm_unavailable`, `llm_timeout`, `llm_rate_limited`: the provider's status page, and the "
        "limits of your account there. `llm_rejected`: see ModelRefusesUs. `expired`: see "
        "WaitingPrompts. `internal`, `worker_lost`: the worker's errors. `invalid_output`: a schema that the "
        "model does not keep to, which its front end sent",
        confirm="`GenerationsCompleted` goes on, `GenerationsFailed` does not; the alarm sends OK",
    ),
    AlarmRow(
        name="FailureRate",
        watches=percent(
            "failed",
            "failed + completed",
            at_least=3,
            failed=Ours(Metric.GENERATIONS_FAILED),
            completed=Ours(Metric.GENERATIONS_COMPLETED),
        ),
        above=Threshold(settings=("failed_generations_percent_alarm",)),
        period=QUARTER,
        hurts=True,
        description="A large share of the answers fails.",
        raised_when="of three or more answers in a quarter of an hour more than {above} percent failed",
        meaning="as GenerationsFailed; this one hears a small site too",
        seen="as GenerationsFailed",
        check=BY_CODE,
        action="as GenerationsFailed",
    ),
    AlarmRow(
        name="ModelRefusesUs",
        watches=total(
            unauthorized=Ours(Metric.MODEL_ERRORS, ("status", "401")),
            forbidden=Ours(Metric.MODEL_ERRORS, ("status", "403")),
        ),
        hurts=True,
        description="The model's server refuses our key.",
        raised_when="the model's server answered 401 or 403 within five minutes",
        meaning="the key was revoked, has expired, is another account's, or may not use this model",
        seen="every answer fails with `llm_rejected`",
        check="`aws secretsmanager describe-secret --secret-id LLM_KEY_SECRET_ARN` tells when the key was "
        "stored; the provider's console, whether it is valid",
        action="store a key that is valid: [Rotate the LLM key](#rotate-the-llm-key). Workers read it "
        "within five minutes",
    ),
    AlarmRow(
        name="SlowFirstText",
        watches=Ours(Metric.FIRST_TEXT),
        above=Threshold(settings=("slow_first_text_seconds_alarm",), factor=1000),
        statistic="p90",
        hurts=True,
        description="Users wait long for the first text.",
        raised_when="a tenth of the answers of five minutes had their first text later than {above} seconds",
        meaning="the model is slow, or prompts wait for workers, or calls are repeated",
        seen='"Thinking …" for a long time',
        check="`QueueWait` beside `FirstTextOfWorker`: the first is ours, the second the model's",
        action="`QueueWait` is long: see SlowQueue. Otherwise the provider's status, or another model; "
        "reasoning models need a higher `slow_first_text_seconds_alarm`",
    ),
    AlarmRow(
        name="SlowQueue",
        watches=Ours(Metric.QUEUE_WAIT),
        above=Threshold(settings=("queue_wait_seconds_alarm",), factor=1000),
        statistic="p90",
        hurts=True,
        description="Prompts wait long until a worker begins with them.",
        raised_when="a tenth of the prompts of five minutes waited for a worker more than {above} seconds",
        meaning="more is asked than the workers take: the system is saturated, or new workers do not start",
        seen="nothing happens for seconds after a prompt",
        check="`aws lambda get-account-settings` (the account's concurrency), `ActiveAnswers` (near "
        "`worker_answers`?) and the worker's `ConcurrentExecutions` (near `worker_max_concurrency`?)",
        action="raise `worker_max_concurrency`, and the account's concurrency before it; see "
        "[scaling.md](scaling.md)",
    ),
    AlarmRow(
        name="WaitingPrompts",
        watches=Ours(Metric.WAITING_PROMPTS),
        period=MINUTE,
        hurts=True,
        description="Prompts wait for longer than half a minute until a worker begins with them.",
        raised_when="no worker had begun with a prompt 35 seconds after it was accepted",
        meaning="too few workers for what is asked, or none runs",
        seen="nothing; after `queue_deadline_seconds` the answer ends as `expired`",
        check="`aws lambda list-event-source-mappings --function-name WORKER` (is it `Enabled`?), the "
        "worker's `Throttles` and `Errors`",
        action="enable the mapping; raise `worker_max_concurrency` or the account's concurrency; if the "
        "worker fails as it starts, see WorkerErrors",
        confirm="a prompt of your own is answered; `QueueWait` is below a second",
    ),
    AlarmRow(
        name="OldestMessage",
        watches=QueueMetric("queue", "ApproximateAgeOfOldestMessage"),
        above=Threshold(settings=("queue_deadline_seconds", "generation_timeout_seconds")),
        statistic="Maximum",
        period=MINUTE,
        description="A generation is older than it may get by waiting and answering together.",
        raised_when="a message in the queue is older than {above} seconds",
        meaning="workers begin and do not come to an end, or none runs",
        seen="answers that stop and begin again, or none",
        check='as WaitingPrompts; then `filter message in ["lost", "out of time"]` over the worker\'s log',
        action="as WaitingPrompts; then look for workers that are killed again and again (WorkerErrors). "
        "Prompts that waited too long end as `expired`; nothing piles up for ever",
    ),
    AlarmRow(
        name="DeadLetters",
        watches=QueueMetric("dead_letters", "ApproximateNumberOfMessagesVisible"),
        statistic="Maximum",
        period=MINUTE,
        description="A generation could not be finished, and its message is in the dead-letter queue.",
        raised_when="a message is in the dead-letter queue",
        meaning="it was delivered `max_receive_count` (10) times and never done: the worker cannot read it, "
        "its record is missing, or the worker failed each time for about six minutes. Or a reminder "
        "came back for longer than a generation may last, and its end was still not told",
        seen="the answer of this prompt never ends",
        check="`python -m tools dead-letters list --stack framestream`; `a message could not be worked on` "
        "in the worker's log with that `message_id`",
        action="mend the cause; then [redrive it](#dead-letters). After 14 days it is gone",
        confirm="the list is empty; the alarm sends OK",
    ),
    errors_of(
        "worker",
        hurts=False,
        raised_when="the worker ran out of time or memory, or was killed, within five minutes",
        meaning="its answers are begun again by the next delivery within about 30 s, up to `max_attempts`",
        seen="text that begins anew; after the last attempt `worker_lost`",
        action="`REPORT` lines tell memory and duration. Out of memory: more `worker_memory_mb`, or fewer "
        "`worker_answers`",
    ),
)
