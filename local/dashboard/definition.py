"""Reads a dashboard's body as CloudWatch defines it: texts, alarms, and graphs of metrics and expressions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from local.errors import CannotDraw

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Place:
    """Where a widget is, in a grid of 24 columns."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A heading, in Markdown."""

    place: Place
    markdown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmStates:
    """The states of some alarms."""

    place: Place
    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A line that is one metric by one statistic."""

    id: str
    label: str
    visible: bool
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """A line that is computed from those before it."""

    id: str
    label: str
    expression: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """Lines over time."""

    place: Place
    title: str
    axis: str
    lines: tuple[Measured | Computed, ...]


Widget: TypeAlias = Text | AlarmStates | Graph


def widgets_of(body: str) -> list[Widget]:
    """Return a dashboard's widgets, in their order."""
    return [_widget(each) for each in json.loads(body)["widgets"]]


def _widget(given: Mapping[str, Any]) -> Widget:
    place = Place(given["x"], given["y"], given["width"], given["height"])
    properties = given["properties"]
    match given["type"]:
        case "text":
            return Text(place=place, markdown=properties["markdown"])
        case "alarm":
            names = tuple(arn.partition(":alarm:")[2] for arn in properties["alarms"])
            return AlarmStates(place=place, title=properties["title"], names=names)
        case "metric":
            return Graph(
                place=place,
                title=properties["title"],
                axis=properties["yAxis"]["left"]["label"],
                lines=tuple(_line(number, each) for number, each in enumerate(properties["metrics"])),
            )
    raise CannotDraw(
        f"A widget of the type {given['type']!r} cannot be drawn here: use text, alarm and metric."
    )


def _line(number: int, given: list[Any]) -> Measured | Computed:
    *words, options = given
    if "expression" in options:
        return Computed(id=options["id"], label=options["label"], expression=options["expression"])
    namespace, name, *dimensions = words
    return Measured(
        id=options.get("id", f"line{number}"),
        label=options["label"],
        visible=options.get("visible", True),
        namespace=namespace,
        name=name,
        dimensions=tuple(zip(dimensions[::2], dimensions[1::2], strict=True)),
        statistic=options["stat"],
    )
