"""TypedDicts and dataclasses as JSON Schema (2020-12); docstrings below fields become descriptions."""

from __future__ import annotations

import ast
import inspect
import sys
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from itertools import pairwise
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin

from functions.shared.wire.fields import Keywords

if typing.TYPE_CHECKING:
    from collections.abc import Callable

TYPES = {str: "string", int: "integer", bool: "boolean", float: "number", NoneType: "null", dict: "object"}


def schema_of(model: Any, reference: Callable[[Any], str], *, is_open: bool) -> dict[str, Any]:
    """Describe one. `reference` makes the address of another one, and learns that it is needed."""
    descriptions = _descriptions(model)
    defaults = _defaults(model)
    properties, required = {}, []
    for name, annotation in typing.get_type_hints(model, include_extras=True).items():
        is_left_out = get_origin(annotation) is NotRequired
        schema = _schema(get_args(annotation)[0] if is_left_out else annotation, reference)
        if name in defaults:
            schema = {**schema, "default": defaults[name]}
        described = {"description": descriptions[name]} if name in descriptions else {}
        properties[name] = dict(sorted((described | schema).items()))
        if not (is_left_out or name in defaults):
            required.append(name)
    return {
        **({"additionalProperties": True} if is_open else {}),
        "description": inspect.getdoc(model),
        "properties": properties,
        "required": required,
        "type": "object",
    }


def _defaults(model: Any) -> dict[str, Any]:
    """Return what stands for the fields of a dataclass that a request may leave out."""
    if not is_dataclass(model):
        return {}
    return {each.name: each.default for each in fields(model) if each.default is not MISSING}


def _schema(annotation: Any, reference: Callable[[Any], str]) -> dict[str, Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        keywords = [one for one in arguments[1:] if isinstance(one, Keywords)]
        return dict(sorted({**_schema(arguments[0], reference), **keywords[0]}.items()))
    if origin in {Union, UnionType}:
        return {"anyOf": [_schema(one, reference) for one in arguments]}
    if origin is list:
        return {"items": _schema(arguments[0], reference), "type": "array"}
    if origin is Literal:
        return _enumeration(arguments)
    if typing.is_typeddict(annotation):
        return {"$ref": reference(annotation)}
    return _plain(origin or annotation)


def _plain(annotation: type) -> dict[str, Any]:
    if issubclass(annotation, Enum):
        return {"enum": [member.value for member in annotation], "type": "string"}
    return {"type": TYPES[annotation]}


def _enumeration(values: tuple[Any, ...]) -> dict[str, Any]:
    choice = {"const": values[0]} if len(values) == 1 else {"enum": list(values)}
    return {**choice, "type": TYPES[type(values[0])]}


def _descriptions(model: Any) -> dict[str, str]:
    """Read the docstrings below the fields, also those of its bases: at run time they are gone."""
    (definition,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(definition, ast.ClassDef)
    found: dict[str, str] = {}
    for base in definition.bases:
        parent = getattr(sys.modules[model.__module__], base.id) if isinstance(base, ast.Name) else None
        if typing.is_typeddict(parent):
            found |= _descriptions(parent)
    for field, docstring in pairwise(definition.body):
        match field, docstring:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = inspect.cleandoc(text)
    return found
