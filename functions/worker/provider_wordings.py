"""Known wordings of model servers' errors, as patterns over their lower-case codes, types and sentences.

tests/unit/worker/test_provider_errors.py has the sentences that servers really say.
"""

from __future__ import annotations

import re

NO_CREDIT = re.compile(
    r"insufficient_quota|insufficient[ _](balance|credits?|funds)|credit balance is too low"
    r"|billing_(not_active|hard)|余额不足|欠费"
)
RATE = re.compile(
    r"rate[ _-]?limit|too[ _]many[ _]requests|throttl|resource_?exhausted|quota"
    r"|(tokens?|requests?|input|output) per (min|hour|day|sec)|\b[rt]p[mds]\b|\bqps\b"
    r"|限流|频率|频繁|速率|并发"
)
LARGER_THAN_THE_RATE = re.compile(r"request too large")
"""Waiting does not help a request that alone is larger than what a minute allows."""

_CODES = (
    r"context[ _]?length[ _]?exceed|context[ _]?window[ _]?exceed|exceed_context_size|string_above_max_length"
    r"|prompt_too_long|input_too_long|request_too_large|token_limit_exceeded"
)
_TOO = (
    r"\b(prompt|input|inputs|request|message|messages|conversation|context|query|text)\b[^.]{0,60}"
    r"\btoo (long|large|big)"
    r"|too many (input |prompt )?tokens"
)
_MAXIMUM = (
    r"max(imum)?[ _](allowed )?(context|prompt|input|sequence|model)[ _]?"
    r"(len|length|size|window|tokens?|characters)"
    r"|maximum number of (input )?tokens|reduce (the length of )?(your|the) (prompt|messages?|input)"
    r"|range of input length"
)
_EXCEEDS = r"(exceed\w*|(greater|larger|longer|more) than|overflow\w*)"
_SIZE = (
    r"(context (length|size|window|limit)|token[ _]limit|(model|model's) (token )?(max\w*|limit)"
    r"|tokens? allowed|input limit|limit of [\d,]+)"
)
_AGAINST = (
    rf"{_EXCEEDS}\b.{{0,80}}\b{_SIZE}"
    rf"|\b(context (length|size|window)|prompt|inputs?|messages?|tokens?)\b.{{0,80}}\b{_EXCEEDS}"
    r"|when context the overflows"
    r"|`?inputs`?( tokens)? .{0,40}must (be <=|have less than)"
    r"|超长|过长|(超过|超出).{0,20}(长度|上下文|token)"
)
TOO_LONG = re.compile("|".join((_CODES, _TOO, _MAXIMUM, _AGAINST)), re.DOTALL)
OUTPUT_LIMIT = re.compile(
    r"(supports|allowed|at most|maximum)[^.]{0,60}(output|completion) tokens|maximum tokens you requested"
)
"""The limit that was sent with the prompt is too large, not the prompt."""

FILTERED = re.compile(
    r"content_?filter|content_?policy|responsibleaipolicy|content management policy|content exists risk"
    r"|data_?inspection_?failed|inappropriate content|\bflagged\b|flagged_input|usage (guidelines|polic)"
    r"|safety_check|safety (system|filter|setting|polic)|content safety|prohibited_content|guardrail"
    r"|content (was |is |has been )?(blocked|filtered)|blocked by .{0,40}(filter|safety|policy)"
    r"|violat\w+.{0,60}(policy|policies|guideline)|high risk|moderation_(blocked|error)|content_moderation"
    r"|(unsafe|sensitive) (or \w+ )?content|new_sensitive|敏感|违规|不安全",
    re.DOTALL,
)

REJECTED = re.compile(
    r"(invalid|incorrect|missing|unknown)[_ ]?(request|argument|api[_ ]?key|parameter|model|prompt)"
    r"|bad[_ ]?request|authentication|permission|not[_ ]?found|does not exist|unauthori|forbidden|validation"
    r"|unsupported|unprocessable|login fail"
)
TIMED_OUT = re.compile(r"time[d_ -]{0,2}out|deadline")
UNAVAILABLE = re.compile(
    r"server_?error|internal|unavailable|overload|capacity|gateway|connection|api_?error"
)
