"""Tells what an error of Bedrock means, by its name: with an HTTP status, or inside a stream. Pure.

The names are those of the service's description (InvokeModelWithResponseStream and ConverseStream), and the
common ones that all of AWS uses. The sentence is looked at only where a name covers several cases.
https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html
"""

from __future__ import annotations

import re
from typing import Any

from functions.shared.generations.failures import Failure
from functions.worker import provider_wordings as wordings
from functions.worker.lenient_json import count_of, text_of
from functions.worker.model import ModelFailed
from functions.worker.provider_errors import RequestRejected, Verdict, failed_by, token_of

REJECTED = Verdict(Failure.REJECTED, worth_retrying=False)
RATE_LIMITED = Verdict(Failure.RATE_LIMITED, worth_retrying=True)
UNAVAILABLE = Verdict(Failure.UNAVAILABLE, worth_retrying=True)
TIMEOUT = Verdict(Failure.TIMEOUT, worth_retrying=True)
INCOMPLETE = Verdict(Failure.INCOMPLETE, worth_retrying=True)

OF_NAME = {
    "accessdenied": REJECTED,
    "conflict": REJECTED,
    "expiredtoken": UNAVAILABLE,  # The next request is signed with the role's new credentials.
    "incompletesignature": REJECTED,
    "internalfailure": UNAVAILABLE,
    "internalserver": UNAVAILABLE,
    "invalidclienttokenid": REJECTED,
    "invalidsignature": REJECTED,
    "missingauthenticationtoken": REJECTED,
    "modelerror": UNAVAILABLE,
    "modelnotready": UNAVAILABLE,
    "modelstreamerror": INCOMPLETE,
    "modeltimeout": TIMEOUT,
    "notauthorized": REJECTED,
    "optinrequired": REJECTED,
    "requestexpired": UNAVAILABLE,
    "requesttimeout": TIMEOUT,
    "resourcenotfound": REJECTED,
    "servicequotaexceeded": RATE_LIMITED,
    "serviceunavailable": UNAVAILABLE,
    "signaturedoesnotmatch": REJECTED,
    "throttling": RATE_LIMITED,
    "toomanyrequests": RATE_LIMITED,
    "unrecognizedclient": REJECTED,
    "validation": REJECTED,
}
"""By the name in lower case, without `Exception`."""
OF_THE_MODEL = {"modelerror", "modelstreamerror"}
"""What the model's own server said, whose status comes along."""
OF_THE_PROMPT = {"validation", *OF_THE_MODEL}
"""Whose sentence tells whether the prompt is too long, or not wanted."""
A_DAYS = re.compile(r"per day|daily")
"""In the sentence of a throttling that no pause of ours outlasts."""
GUARDRAIL = re.compile(r"guardrails?")
"""A request may name one that does not exist; what one has stopped is told as the end of an answer."""


def failed_by_name(
    name: str,
    body: object,
    *,
    broke_off: bool,
    status: int | None = None,
    retry_after: float | None = None,
    error: str = "ErrorEvent",
) -> ModelFailed:
    """Make the failure that an error of Bedrock means.

    Args:
        name: Of the error, as `ThrottlingException`; a header may put a namespace before it and a URL behind.
        body: What came with it.
        broke_off: Whether the answer had begun.
        status: The HTTP status, if the error is the whole response.
        retry_after: Seconds that the server asked to wait.
        error: What kind of error it is, for our logs.
    """
    name = name.partition(":")[0].rpartition("#")[2]
    key = name.lower().removesuffix("exception")
    if key not in OF_NAME:
        told = {"code": name, "body": body}
        return failed_by(told, broke_off=broke_off, status=status, retry_after=retry_after, error=error)
    said: dict[str, Any] = body if isinstance(body, dict) else {}
    words = " ".join(text_of(said.get(part)) for part in ("message", "Message", "originalMessage")).lower()
    verdict = _verdict(key, words, count_of(str(said.get("originalStatusCode"))))
    failed = (RequestRejected if verdict is REJECTED and key in OF_THE_PROMPT else ModelFailed)(
        verdict.failure,
        broke_off=broke_off,
        worth_retrying=verdict.worth_retrying,
        retry_after=retry_after,
        status=status,
        provider_code=token_of(name),
        error=error,
    )
    if isinstance(failed, RequestRejected):
        failed.words = words
    return failed


def _verdict(key: str, words: str, original: int | None) -> Verdict:
    verdict = OF_NAME[key]
    if verdict is RATE_LIMITED and A_DAYS.search(words):
        return Verdict(Failure.RATE_LIMITED, worth_retrying=False)
    if key in OF_THE_PROMPT:
        if wordings.TOO_LONG.search(words) and not wordings.OUTPUT_LIMIT.search(words):
            return Verdict(Failure.CONTEXT_TOO_LONG, worth_retrying=False)
        if wordings.FILTERED.search(GUARDRAIL.sub("", words)):
            return Verdict(Failure.CONTENT_FILTERED, worth_retrying=False)
    if key in OF_THE_MODEL and original:
        return _of_status(original) or verdict
    return verdict


def _of_status(status: int) -> Verdict | None:
    """What the status of the model's own server means; None: nothing more than the error's name."""
    if status == 429:
        return RATE_LIMITED
    if status in {408, 504}:
        return TIMEOUT
    return REJECTED if 400 <= status < 500 and status != 424 else None
