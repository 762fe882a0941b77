"""Says what an error of AWS means for an operator, and what to do about it."""

from __future__ import annotations

from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOTokenLoadError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

LOG_IN = "log in (aws sso login, or aws configure), or name a profile with --profile"

_BY_CODE = {
    "ExpiredToken": f"The AWS credentials have expired: {LOG_IN}.",
    "ExpiredTokenException": f"The AWS credentials have expired: {LOG_IN}.",
    "InvalidClientTokenId": f"AWS does not know these credentials: {LOG_IN}.",
    "UnrecognizedClientException": f"AWS does not know these credentials: {LOG_IN}.",
    "SignatureDoesNotMatch": f"AWS does not accept these credentials' secret: {LOG_IN}.",
}
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


_BY_CLASS: dict[tuple[type[Exception], ...], str] = {
    (NoCredentialsError, PartialCredentialsError): f"No AWS credentials were found: {LOG_IN}.",
    (
        UnauthorizedSSOTokenError,
        SSOTokenLoadError,
        TokenRetrievalError,
    ): f"The AWS sign-on has ended: {LOG_IN}.",
    (NoRegionError,): "No Region is set: give --region, or set AWS_REGION.",
    (ProfileNotFound,): "{error}: see `aws configure list-profiles`.",
    (
        EndpointConnectionError,
        ConnectTimeoutError,
    ): "{error} Is the Region right, and does this machine reach AWS?",
}


def advice(error: Exception) -> str:
    """Return a sentence for people; unknown errors keep their own."""
    if isinstance(error, ClientError):
        return _about_reply(error)
    sentences = (sentence for classes, sentence in _BY_CLASS.items() if isinstance(error, classes))
    return next(sentences, "{error}").replace("{error}", str(error))


def _about_reply(error: ClientError) -> str:
    code = error.response.get("Error", {}).get("Code", "")
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code in _DENIED:
        return f"These credentials may not do this: {error}. Name a profile that may with --profile."
    return str(error)
