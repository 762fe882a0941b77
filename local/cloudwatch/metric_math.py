"""Evaluates the part of CloudWatch's metric math that our alarms and the dashboard use.

Numbers and names, `+ - * /`, comparisons, IF, FILL, SUM, MAX, MIN and PERIOD. A name is one number here, the
statistic over the period, or None without data; what is made of None is None.
"""

from __future__ import annotations

import ast
import operator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Number = float | None
OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
}


class NotUnderstoodError(ValueError):
    """An expression with something in it that is not known here."""


def evaluate(expression: str, values: Mapping[str, Number], *, period: int) -> Number:
    """Compute an expression.

    Raises:
        NotUnderstoodError: If it uses a name or a function that is not known here.
    """
    return _value(ast.parse(expression.strip(), mode="eval").body, values, period)


def _value(node: ast.expr, values: Mapping[str, Number], period: int) -> Number:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _combined(op, _value(left, values, period), _value(right, values, period))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _combined(op, _value(left, values, period), _value(right, values, period))
        case ast.Call(func=ast.Name(id="PERIOD")):
            return float(period)
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _called(function, [_value(each, values, period) for each in arguments])
    raise NotUnderstoodError(ast.unparse(node))


def _combined(op: ast.AST, left: Number, right: Number) -> Number:
    if type(op) not in OPERATORS:
        raise NotUnderstoodError(type(op).__name__)
    if left is None or right is None or (isinstance(op, ast.Div) and right == 0):
        return None
    return float(OPERATORS[type(op)](left, right))


def _called(function: str, arguments: list[Number]) -> Number:
    match function, arguments:
        case "FILL", [value, instead]:
            return instead if value is None else value
        case "IF", [condition, then, otherwise]:
            return then if condition else otherwise
        case (("SUM" | "MAX" | "MIN"), _):
            known = [value for value in arguments if value is not None]
            return float({"SUM": sum, "MAX": max, "MIN": min}[function](known)) if known else None  # type: ignore[operator]
    raise NotUnderstoodError(f"{function} of {len(arguments)}")
