"""What docs/api cannot say of a request in a way that schemathesis reads."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import schemathesis
from hypothesis import strategies as st

KEY = "Idempotency-Key"

schemathesis.openapi.format(
    "printable",
    st.text(min_size=1, max_size=128).filter(lambda text: text.isprintable() and text == text.strip()),
)
schemathesis.openapi.format("line", st.text(min_size=1, max_size=200).filter(str.isprintable))


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], _arguments: dict[str, Any]
) -> None:
    """Keep a valid key to one request: with another body, the same key is refused."""
    headers: Any = case.headers or {}
    if re.fullmatch(r"[\x21-\x7e]{1,255}", str(headers.get(KEY, ""))):
        request = json.dumps([headers[KEY], repr(case.body)])
        headers[KEY] = hashlib.sha256(request.encode()).hexdigest()
