"""An answer that is not shown while it streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from framestream.progress import PartEvent
    from framestream.result import Result


class Silent:
    """The presenter for scripts, which read only the result."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...
    def accepted(self, generation_id: str) -> None: ...
    def show(self, event: PartEvent) -> None: ...
    def note(self, sentence: str) -> None: ...
    def finished(self, result: Result) -> None: ...
