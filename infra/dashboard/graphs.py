"""A graph is some lines over one axis; a section is a row of graphs under a heading."""

from dataclasses import dataclass

from infra.dashboard.lines import Formula, Line, Total


@dataclass(frozen=True, slots=True)
class Graph:
    """Some lines over one axis."""

    title: str
    axis: str
    lines: tuple[Line | Formula | Total, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A row of graphs under a heading."""

    title: str
    graphs: tuple[Graph, ...]
