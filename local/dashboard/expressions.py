"""Computes metric math as CloudWatch does: as much of the language as our dashboard and alarms use."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from local.errors import CannotDraw

Series: TypeAlias = Mapping[int, float]
"""Values by the beginning of their period, in seconds since 1970. Where there is none, there is no data."""
Value: TypeAlias = "Series | float"

Operate: TypeAlias = Callable[[float, float], float]

OPERATORS: dict[type[ast.AST], Operate] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}
"""A comparison is 1 or 0."""


class UnknownExpression(CannotDraw):
    """An expression with something that CloudWatch may know, and this page does not."""

    def __init__(self, part: str) -> None:
        self.part = part

    def __str__(self) -> str:
        return f"{self.part!r} cannot be computed here: use + - * / < <= > >=, FILL, IF, PERIOD and SUM."


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricMath:
    """Metrics by their ids, over the same periods."""

    metrics: Mapping[str, Series]
    times: Sequence[int]
    period: int

    def compute(self, expression: str) -> Series:
        """Return the series that an expression stands for.

        Raises:
            UnknownExpression: If it is not of the language above.
        """
        try:
            value = self._value(ast.parse(expression, mode="eval").body)
        except SyntaxError as error:
            raise UnknownExpression(expression) from error
        return dict.fromkeys(self.times, value) if isinstance(value, float) else value

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name) if name in self.metrics:
                return self.metrics[name]
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                return _combined(OPERATORS[type(sign)], self._value(left), self._value(right))
            case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in OPERATORS:
                return _combined(OPERATORS[type(sign)], self._value(left), self._value(right))
            case ast.Call(func=ast.Name(id=function), args=arguments, keywords=[]):
                return self._called(function, arguments, node)
        raise UnknownExpression(ast.unparse(node))

    def _called(self, function: str, arguments: list[ast.expr], node: ast.expr) -> Value:
        match function, arguments:
            case "PERIOD", [ast.Name(id=name)] if name in self.metrics:
                return float(self.period)
            case "FILL", [filled, ast.Constant(value=int() | float() as number)]:
                series = self._value(filled)
                assert not isinstance(series, float)
                return {time: series.get(time, float(number)) for time in self.times}
            case "IF", [condition, then, otherwise]:
                return self._chosen(*map(self._value, (condition, then, otherwise)))
            case "SUM", [ast.List(elts=parts)]:
                return self._sum([self._value(part) for part in parts])
        raise UnknownExpression(ast.unparse(node))

    def _chosen(self, condition: Value, then: Value, otherwise: Value) -> Series:
        """Take one of two at each time at which there is a condition, and what was chosen."""
        there = self.times if isinstance(condition, float) else condition
        chosen = {time: then if _at(condition, time) else otherwise for time in there}
        return {
            time: _at(each, time) for time, each in chosen.items() if isinstance(each, float) or time in each
        }

    def _sum(self, values: Sequence[Value]) -> Series:
        """Add what there is at each time; a time at which no series has data has none."""
        series = [dict.fromkeys(self.times, each) if isinstance(each, float) else each for each in values]
        there = {time: [each[time] for each in series if time in each] for time in self.times}
        return {time: sum(found) for time, found in there.items() if found}


def _combined(operate: Operate, left: Value, right: Value) -> Value:
    """Combine where both sides have data; what is divided by nothing is no data."""
    if isinstance(left, float) and isinstance(right, float):
        return float(operate(left, right))
    times = [each.keys() for each in (left, right) if not isinstance(each, float)]
    shared = sorted(set(times[0]).intersection(*times))
    pairs = {time: (_at(left, time), _at(right, time)) for time in shared}
    return {
        time: float(operate(*pair))
        for time, pair in pairs.items()
        if operate is not operator.truediv or pair[1] != 0
    }


def _at(value: Value, time: int) -> float:
    return value if isinstance(value, float) else value[time]
