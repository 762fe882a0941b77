"""Addresses and forms of S3 are signed as the SDK signs them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config

from functions.shared.attachments.presigning import Presigner
from functions.shared.signing import StaticCredentials

BUCKET = "some-attachments"
PRESIGNER = Presigner(host=f"{BUCKET}.s3.eu-west-1.amazonaws.com", region="eu-west-1", bucket=BUCKET)
KEY = "attachments/" + 32 * "a"
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("token", [None, "a/b+c=="])
@pytest.mark.parametrize(("operation", "method"), [("get_object", "GET"), ("delete_object", "DELETE")])
def test_an_address_is_signed_as_the_sdk_signs_it(operation: str, method: str, token: str | None) -> None:
    theirs = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
        aws_session_token=token,
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    ).generate_presigned_url(operation, Params={"Bucket": BUCKET, "Key": KEY}, ExpiresIn=60)
    expected = parse_qs(urlsplit(theirs).query)
    signed_at = datetime.strptime(expected["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    credentials = StaticCredentials("AKID", "secret", token)

    query = PRESIGNER.query(method, f"/{KEY}", credentials, lifetime=MINUTE, now=signed_at)

    ours = {name: value for name, value in parse_qs(query).items() if name != "x-id"}
    assert ours == {name: value for name, value in expected.items() if name != "x-id"}


def test_what_the_reply_is_to_say_is_signed_too() -> None:
    told = {
        "response-content-disposition": "attachment; filename*=UTF-8''a%20b%C3%A4.csv",
        "response-content-type": "text/csv",
    }
    theirs = boto3.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="AKID",
        aws_secret_access_key="secret",
        config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"}),
    ).generate_presigned_url(
        "get_object",
        Params={
            "Bucket": BUCKET,
            "Key": KEY,
            "ResponseContentDisposition": told["response-content-disposition"],
            "ResponseContentType": told["response-content-type"],
        },
        ExpiresIn=60,
    )
    expected = parse_qs(urlsplit(theirs).query)
    signed_at = datetime.strptime(expected["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    credentials = StaticCredentials("AKID", "secret")

    query = PRESIGNER.query("GET", f"/{KEY}", credentials, lifetime=MINUTE, now=signed_at, parameters=told)

    assert parse_qs(query) == expected


@pytest.mark.parametrize("token", [None, "a/b+c=="])
def test_a_form_says_what_may_be_uploaded_and_is_signed_as_the_sdk_signs_it(token: str | None) -> None:
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    credentials = StaticCredentials("AKID", "secret", token)

    form = PRESIGNER.form(KEY, "image/png", 7, credentials, lifetime=MINUTE, now=now)

    policy = json.loads(base64.b64decode(form["policy"]))
    assert policy["expiration"] == "2026-11-27T12:01:00Z"
    assert ["content-length-range", 7, 7] in policy["conditions"]
    said = {
        name: value for each in policy["conditions"] if isinstance(each, dict) for name, value in each.items()
    }
    signed = {name: value for name, value in form.items() if name not in {"policy", "x-amz-signature"}}
    assert said == {"bucket": BUCKET, **signed}
    assert (signed["key"], signed["Content-Type"]) == (KEY, "image/png")
    assert signed.get("x-amz-security-token") == token
