"""What each error of the service means, in a response or in a stream, and what its sentences add to that."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.session import get_session

from functions.shared.generations.failures import Failure
from functions.worker.bedrock.errors import OF_NAME, failed_by_name
from functions.worker.provider_errors import RequestRejected


def described() -> set[str]:
    """Every error that the service's own description knows."""
    model = get_session().get_service_model("bedrock-runtime")
    return {shape.name for shape in model.error_shapes}


def failure_of(name: str, sentence: str = "", **more: Any) -> Failure:
    return failed_by_name(name, {"message": sentence, **more}, broke_off=False).failure


def test_every_error_that_the_service_describes_is_on_the_list() -> None:
    assert described()
    assert {name.lower().removesuffix("exception") for name in described()} <= OF_NAME.keys()


@pytest.mark.parametrize(
    ("name", "failure", "worth_retrying"),
    [
        ("ThrottlingException", Failure.RATE_LIMITED, True),
        ("ServiceQuotaExceededException", Failure.RATE_LIMITED, True),
        ("ModelNotReadyException", Failure.UNAVAILABLE, True),
        ("ModelTimeoutException", Failure.TIMEOUT, True),
        ("ModelErrorException", Failure.UNAVAILABLE, True),
        ("ModelStreamErrorException", Failure.INCOMPLETE, True),
        ("InternalServerException", Failure.UNAVAILABLE, True),
        ("ServiceUnavailableException", Failure.UNAVAILABLE, True),
        ("ValidationException", Failure.REJECTED, False),
        ("AccessDeniedException", Failure.REJECTED, False),
        ("ResourceNotFoundException", Failure.REJECTED, False),
        ("ConflictException", Failure.REJECTED, False),
        ("UnrecognizedClientException", Failure.REJECTED, False),
        ("InvalidSignatureException", Failure.REJECTED, False),
        ("ExpiredTokenException", Failure.UNAVAILABLE, True),
    ],
)
@pytest.mark.parametrize(
    "written", ["{}", "{}:http://internal.amazon.com/coral/com.amazon.bedrock/", "com.amazon#{}"]
)
def test_each_error_has_its_place_on_the_closed_list(
    name: str, failure: Failure, written: str, *, worth_retrying: bool
) -> None:
    failed = failed_by_name(
        written.format(name), {"message": "canary"}, broke_off=False, status=400, retry_after=7
    )

    assert (failed.failure, failed.worth_retrying) == (failure, worth_retrying)
    assert (failed.provider_code, failed.status, failed.retry_after) == (name, 400, 7)
    assert "canary" not in repr(failed)


@pytest.mark.parametrize(
    "name", ["throttlingException", "modelStreamErrorException", "internalServerException"]
)
def test_in_a_stream_names_begin_with_a_small_letter(name: str) -> None:
    assert failure_of(name) is failure_of(name[0].upper() + name[1:])


@pytest.mark.parametrize(
    "sentence",
    [
        "Input is too long for requested model.",
        "The model returned the following errors: prompt is too long: 208310 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000, decrease input length",
        "This model's maximum context length is 128000 tokens. Please reduce the length of the prompt",
        "Too many input tokens. Max input tokens: 8192, request input token count: 9013",
        "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input.",
    ],
)
def test_a_prompt_that_is_too_long_is_told_as_that(sentence: str) -> None:
    assert failure_of("ValidationException", sentence) is Failure.CONTEXT_TOO_LONG
    assert failure_of("ModelErrorException", sentence, originalStatusCode=400) is Failure.CONTEXT_TOO_LONG


@pytest.mark.parametrize(
    "sentence",
    [
        "The provided model identifier is invalid.",
        "Invocation of model ID anthropic.claude on-demand isn't supported. Retry your request.",
        "The maximum tokens you requested exceeds the model limit of 4096. Try again with a lower value.",
        "The guardrail identifier or version provided in the request does not exist.",
        "Malformed input request: #: extraneous key [top_k] is not permitted, please reformat your input.",
    ],
)
def test_a_request_that_is_wrong_is_rejected(sentence: str) -> None:
    assert failure_of("ValidationException", sentence) is Failure.REJECTED


def test_what_a_providers_filter_stopped_is_filtered() -> None:
    sentence = "Output blocked by content filtering policy"

    assert failure_of("ValidationException", sentence) is Failure.CONTENT_FILTERED
    assert failure_of("modelStreamErrorException", sentence) is Failure.CONTENT_FILTERED


def test_no_pause_outlasts_a_days_quota() -> None:
    minute = failed_by_name(
        "ThrottlingException", {"message": "Too many tokens, please wait"}, broke_off=False
    )
    day = failed_by_name("ThrottlingException", {"message": "Too many tokens per day, wait"}, broke_off=False)

    assert (minute.failure, minute.worth_retrying) == (Failure.RATE_LIMITED, True)
    assert (day.failure, day.worth_retrying) == (Failure.RATE_LIMITED, False)


@pytest.mark.parametrize("name", ["ModelErrorException", "modelStreamErrorException"])
@pytest.mark.parametrize(
    ("status", "failure"),
    [(429, Failure.RATE_LIMITED), (408, Failure.TIMEOUT), (504, Failure.TIMEOUT), (400, Failure.REJECTED)],
)
def test_the_status_of_the_models_own_server_counts(name: str, status: int, failure: Failure) -> None:
    assert failure_of(name, originalStatusCode=status) is failure
    assert failure_of(name, originalStatusCode=str(status)) is failure


@pytest.mark.parametrize("status", [424, 500, 503, 529, None, "x"])
@pytest.mark.parametrize("name", ["ModelErrorException", "modelStreamErrorException"])
def test_all_other_faults_of_the_model_may_pass(name: str, status: object) -> None:
    failed = failed_by_name(name, {"originalStatusCode": status}, broke_off=False)

    assert failed.worth_retrying
    assert not isinstance(failed, RequestRejected)


def test_an_access_that_is_denied_is_not_about_the_prompt_whatever_it_names() -> None:
    sentence = "User is not authorized to perform: bedrock:ApplyGuardrail on resource: too-many-tokens"

    failed = failed_by_name("AccessDeniedException", {"message": sentence}, broke_off=False, status=403)

    assert failed.failure is Failure.REJECTED
    assert not isinstance(failed, RequestRejected)


@pytest.mark.parametrize(
    ("name", "status", "failure"),
    [
        ("", 503, Failure.UNAVAILABLE),
        ("", 403, Failure.REJECTED),
        ("", 307, Failure.REJECTED),
        ("SomethingNewException", 500, Failure.UNAVAILABLE),
        ("SomethingNewException", 400, Failure.REJECTED),
        ("SomethingNewException", 429, Failure.RATE_LIMITED),
        ("somethingNewException", None, Failure.INCOMPLETE),
        ("", None, Failure.INCOMPLETE),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>", {}, [], {"message": None}, {"message": "canary"}])
def test_an_error_that_is_new_is_judged_by_its_status(
    name: str, status: int | None, failure: Failure, body: object
) -> None:
    failed = failed_by_name(name, body, broke_off=False, status=status)

    assert failed.failure is failure
    assert "canary" not in repr(failed) + str(failed.provider_code)
