"""What a request may say about the form of its answer; each complaint names the place in the schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from functions.shared.generations.json_schemas import compiled
from functions.shared.generations.response_format import ResponseFormat, format_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from functions.shared.wire import generation_bodies as wire
    from functions.shared.wire.problems import Complaint

LARGEST = 16_384
"""Bytes of a whole format, written without spaces."""
MOST_PATTERNS = 100
LONGEST_PLACE = 300
NAME = re.compile("[A-Za-z0-9_-]{1,64}")
REFERENCES = {"$ref", "$dynamicRef", "$recursiveRef"}
VALUES = {"const", "default", "enum", "examples"}
"""What stands below these words is no schema."""
NAMED = {"$defs", "definitions", "dependentSchemas", "patternProperties", "properties"}
"""What stands right below these is a name of the schema's own, also if it is one of those words."""
FIELDS = ("name", "description", "schema", "strict")
Place = tuple["str | int", ...]


def format_complaints(field: str, value: object) -> list[Complaint]:
    """Say what is wrong with a format; nothing if nothing is."""
    found = next(_faults(value), None)
    if found is None:
        return []
    place, message = found
    return [{"field": ".".join(map(str, (field, *place)))[:LONGEST_PLACE], "message": message}]


def response_format(said: wire.ResponseFormat | None) -> ResponseFormat | None:
    """Keep what is known of a format that has no fault."""
    if said is None:
        return None
    kept: dict[str, Any] = {"type": said["type"]}
    if said["type"] == "json_schema":
        given: Mapping[str, object] = said["json_schema"]
        kept["json_schema"] = {name: given[name] for name in FIELDS if given.get(name) is not None}
    return ResponseFormat(format_text(kept))


def _faults(value: object) -> Iterator[tuple[Place, str]]:
    """Yield faults; what follows one may not be looked at."""
    if not isinstance(value, dict):
        yield (), "Input should be an object"
    elif value.get("type") not in ("json_schema", "json_object"):
        yield ("type",), "must be one of: json_schema, json_object"
    elif value["type"] == "json_schema":
        yield from _faults_of_schema(value.get("json_schema"))


def _faults_of_schema(given: object) -> Iterator[tuple[Place, str]]:
    if not isinstance(given, dict):
        yield ("json_schema",), "Field required: an object with `name` and `schema`"
        return
    name, schema = given.get("name"), given.get("schema")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield ("json_schema", "name"), "must be 1 to 64 letters, digits, _ and -"
    if not isinstance(given.get("description", ""), str | None):
        yield ("json_schema", "description"), "Input should be a valid string"
    if not isinstance(given.get("strict", False), bool | None):
        yield ("json_schema", "strict"), "Input should be a valid boolean"
    if not isinstance(schema, dict):
        yield ("json_schema", "schema"), "Field required: a JSON Schema, as an object"
        return
    if len(format_text(given).encode("utf-8", "surrogatepass")) > LARGEST:
        yield ("json_schema",), f"should have at most {LARGEST} bytes"
        return
    for place, message in _faults_within(schema):
        yield ("json_schema", "schema", *place), message


def _faults_within(schema: dict[str, Any]) -> Iterator[tuple[Place, str]]:
    words = list(_words(schema, ()))
    patterns = sum(_patterns(word, value) for _, word, value in words)
    if patterns > MOST_PATTERNS:
        yield (), f"should have at most {MOST_PATTERNS} patterns"
        return
    for place, word, value in words:
        if word in REFERENCES and isinstance(value, str) and not _is_within(schema, value):
            yield (*place, word), "must lead to a place in the schema itself, such as `#/$defs/name`"
    try:
        compiled(schema)
    except ValueError as error:
        yield _place_of(error), _sentence(error)


def _words(part: object, place: Place) -> Iterator[tuple[Place, str, object]]:
    """Yield every name in a schema with where it stands and what it says."""
    if isinstance(part, dict):
        for name, value in part.items():
            yield place, name, value
            if name not in VALUES or (place[-1:] and place[-1] in NAMED):
                yield from _words(value, (*place, name))
    elif isinstance(part, list):
        for index, value in enumerate(part):
            yield from _words(value, (*place, index))


def _patterns(word: str, value: object) -> int:
    if word == "patternProperties" and isinstance(value, dict):
        return len(value)
    return word == "pattern"


def _is_within(schema: dict[str, Any], reference: str) -> bool:
    """Whether a reference leads to a place in its schema. An anchor is for the compiler to find."""
    if not reference.startswith("#/"):
        return reference.startswith("#")
    part: object = schema
    for step in reference.removeprefix("#/").split("/"):
        name = unquote(step).replace("~1", "/").replace("~0", "~")
        if isinstance(part, list) and name.isdecimal() and int(name) < len(part):
            part = part[int(name)]
        elif isinstance(part, dict) and name in part:
            part = part[name]
        else:
            return False
    return True


def _place_of(error: ValueError) -> Place:
    return tuple(getattr(error, "instance_path", ()))


def _sentence(error: ValueError) -> str:
    place = _place_of(error)
    if not place:
        return "cannot be used: it names what is not there, or is nested too deeply"
    if "pattern" in str(place[-1]):
        return "must be a short regular expression without look-around and back-references"
    return "is not as JSON Schema has it"
