"""Compiles JSON Schemas that users send, so that neither compiling nor checking does more than it must.

Nothing is fetched. Patterns are matched in linear time, and have neither look-around nor back-references.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema_rs import Validator

LARGEST_PATTERN = 1_000_000
"""Bytes that one pattern may take once it is compiled."""


def compiled(schema: Any) -> Validator:
    """Compile a schema: of its `$schema`, or of draft 2020-12.

    Raises:
        ValueError: If it is no schema, refers to what is not in it, or is nested too deeply. The place is its
            `instance_path`, if it has one.
    """
    # 15 MB, which only prompts and answers with a schema need.
    from jsonschema_rs import RegexOptions, validator_for  # noqa: PLC0415

    options = RegexOptions(size_limit=LARGEST_PATTERN)
    return validator_for(schema, offline=True, pattern_options=options)
