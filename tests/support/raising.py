"""Which refusals a function can raise: read in the source of it and of all that it calls.

Calls are followed through the objects that are given, as they were wired, so that a port leads to what stands
behind it. Branches are not understood: what one of them raises, the function can raise.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.shared.errors import ReportedError

if TYPE_CHECKING:
    from types import FunctionType

    Refusals = set[type[ReportedError]]

UNKNOWN = object()


def refusals_of(function: Any, **given: object) -> Refusals:
    """Collect the refusals of a function whose parameters of these names are these objects."""
    reader = _Reader()
    if inspect.ismethod(function):
        function, given = function.__func__, {"self": function.__self__, **given}
    reader.read(inspect.unwrap(function), given)
    return reader.found


@dataclass
class _Reader:
    found: Refusals = field(default_factory=set)
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def read(self, function: Any, given: dict[str, object]) -> None:
        key = (function, *sorted((name, id(value)) for name, value in given.items()))
        if key in self._seen:
            return
        self._seen.add(key)
        names = function.__globals__ | given
        for node in ast.walk(_tree(function)):
            if isinstance(node, ast.Raise) and node.exc is not None:
                self._note(node.exc, names)
            elif isinstance(node, ast.Call):
                self._follow(node, names)

    def _note(self, raised: ast.expr, names: dict[str, object]) -> None:
        made = _value(raised.func if isinstance(raised, ast.Call) else raised, names)
        if inspect.isfunction(made):
            made = _value(ast.parse(made.__annotations__["return"], mode="eval").body, made.__globals__)
        if inspect.isclass(made) and issubclass(made, ReportedError):
            self.found.add(made)

    def _follow(self, call: ast.Call, names: dict[str, object]) -> None:
        called: Any = _value(call.func, names)
        given: dict[str, object] = {}
        if inspect.ismethod(called):
            called, given = called.__func__, {"self": called.__self__}
        called = inspect.unwrap(called) if inspect.isfunction(called) else None
        if called is not None and called.__module__.startswith("functions."):
            self.read(called, given | _arguments(called, call, names, skipped=len(given)))


def _arguments(
    function: FunctionType, call: ast.Call, names: dict[str, object], *, skipped: int
) -> dict[str, object]:
    """What is known of the arguments of a call."""
    positional = list(inspect.signature(function).parameters)[skipped:]
    passed = dict(zip(positional, call.args, strict=False))
    passed |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    values = {name: _value(value, names) for name, value in passed.items()}
    return {name: value for name, value in values.items() if value is not UNKNOWN}


def _value(expression: ast.expr, names: dict[str, object]) -> object:
    """Evaluate a name, or a path of attributes; nothing is called."""
    if isinstance(expression, ast.Name):
        return names.get(expression.id, UNKNOWN)
    if isinstance(expression, ast.Attribute):
        owner = _value(expression.value, names)
        if owner is UNKNOWN or isinstance(inspect.getattr_static(owner, expression.attr, None), property):
            return UNKNOWN
        return getattr(owner, expression.attr, UNKNOWN)
    return UNKNOWN


def _tree(function: FunctionType) -> ast.AST:
    if function.__name__ == "<lambda>":  # Its lines are a part of a statement.
        return ast.Pass()
    return ast.parse(textwrap.dedent(inspect.getsource(function)))
