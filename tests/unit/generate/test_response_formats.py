"""In which form an answer may be wanted; each complaint names the place in the schema, and no value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.generate.requests import GenerateRequest
from functions.generate.response_formats import LARGEST, format_complaints, response_format
from tests.support.builders import USER

ROOT = "response_format.json_schema"


def wanted(schema: object, **changes: Any) -> Any:
    return {"type": "json_schema", "json_schema": {"name": "otter", "schema": schema} | changes}


def refused(value: object) -> str:
    """The place of the only complaint."""
    [complaint] = format_complaints("response_format", value)
    assert "canary" not in complaint["message"]
    return complaint["field"]


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
        {"$defs": {"a/b": {"type": "integer"}}, "properties": {"x": {"$ref": "#/$defs/a~1b"}}},
        {"$defs": {"ü": {"type": "integer"}}, "properties": {"x": {"$ref": "#/$defs/%C3%BC"}}},
        {"$defs": {"a": {"$anchor": "here"}}, "properties": {"x": {"$ref": "#here"}}},
        {"items": {"$ref": "#"}},
        {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"a": {}}},
        {"properties": {"$ref": {"type": "string"}, "pattern": {"type": "string"}}},
        {"const": {"$ref": "http://canary.example/"}},
        {"pattern": r"^\w{1,64}@\w{1,64}\.\p{L}{2,10}$"},
    ],
)
def test_a_schema_that_stands_by_itself_is_taken(schema: dict[str, Any]) -> None:
    assert format_complaints("response_format", wanted(schema)) == []


def test_any_object_may_be_wanted() -> None:
    assert format_complaints("response_format", {"type": "json_object"}) == []


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("json_object", "response_format"),
        ([], "response_format"),
        ({}, "response_format.type"),
        ({"type": "canary"}, "response_format.type"),
        ({"type": ["json_object"]}, "response_format.type"),
        ({"type": "json_schema"}, ROOT),
        (wanted({}, name="an otter"), f"{ROOT}.name"),
        (wanted({}, name=None), f"{ROOT}.name"),
        (wanted({}, strict="yes"), f"{ROOT}.strict"),
        (wanted({}, description=1), f"{ROOT}.description"),
        (wanted(schema=True), f"{ROOT}.schema"),
        (wanted(None), f"{ROOT}.schema"),
        (wanted({"x": "y" * LARGEST}), ROOT),
    ],
)
def test_what_is_no_format_is_named(value: object, place: str) -> None:
    assert refused(value) == place


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"properties": {"a": {"type": "canary"}}}, "properties.a.type"),
        ({"anyOf": [{}, {"required": "canary"}]}, "anyOf.1.required"),
        ({"properties": {"a": {"pattern": "(canary"}}}, "properties.a.pattern"),
        ({"properties": {"a": {"pattern": "(?=canary)"}}}, "properties.a.pattern"),
        ({"properties": {"a": {"pattern": r"(canary)\1"}}}, "properties.a.pattern"),
        ({"pattern": "((a{1000}){1000})"}, "pattern"),
    ],
)
def test_a_part_that_is_no_schema_is_named_by_its_path(schema: dict[str, Any], place: str) -> None:
    assert refused(wanted(schema)) == f"{ROOT}.schema.{place}"


@pytest.mark.parametrize("word", ["$ref", "$dynamicRef"])
@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:9/canary", "file:///etc/canary", "canary.json", "#/$defs/canary", "urn:canary"],
)
def test_a_reference_leads_nowhere_but_into_its_schema(word: str, target: str) -> None:
    schema = {"properties": {"default": {"items": [{word: target}]}}}

    assert refused(wanted(schema)) == f"{ROOT}.schema.properties.default.items.0.{word}"


@pytest.mark.parametrize("schema", [{"$ref": "#canary"}, {"$schema": "http://canary.example/"}])
def test_what_only_the_compiler_misses_is_refused_as_a_whole(schema: dict[str, Any]) -> None:
    assert refused(wanted(schema)) == f"{ROOT}.schema"


def test_a_schema_without_a_bottom_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(700):
        schema = {"not": schema}

    assert refused(wanted(schema)) == f"{ROOT}.schema"


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"pattern": "a"}] * 101},
        {"patternProperties": {f"a{number}": {} for number in range(101)}},
        {"properties": {"default": {"allOf": [{"pattern": "a"}] * 101}}},
    ],
)
def test_patterns_are_counted_wherever_they_stand(schema: dict[str, Any]) -> None:
    assert refused(wanted(schema)) == f"{ROOT}.schema"


def test_a_format_is_kept_in_its_order_and_without_what_we_do_not_know() -> None:
    schema = {"type": "object", "properties": {"b": {}, "a": {}}}

    kept = response_format(wanted(schema, strict=None, canary=1))

    assert kept is not None
    assert kept.text == json.dumps(wanted(schema), separators=(",", ":"))
    assert (kept.name, kept.schema, kept.has_schema) == ("otter", schema, True)


def test_a_request_with_a_format_is_another_request() -> None:
    def fingerprint(**more: Any) -> str:
        return GenerateRequest(user_id=USER, chat_id="c", prompt="p", **more).fingerprint()

    formats = [None, {"type": "json_object"}, wanted({}), wanted({"type": "object"}), wanted({}, strict=True)]

    assert len({fingerprint(response_format=each) for each in formats}) == len(formats)
    assert fingerprint() == fingerprint(response_format=None)
