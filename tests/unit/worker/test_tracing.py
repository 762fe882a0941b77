"""What is recorded of an answer, how it is written, and that nothing waits for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.shared.generations.model import Generation, Usage
from functions.shared.queue_message import sent_at
from functions.shared.trace_context import TraceContext
from functions.worker import span_exporter
from functions.worker.generation_spans import post_span_id
from functions.worker.reading import Ending
from functions.worker.span_exporter import SpanExporter
from functions.worker.spans import Kind, Span, payload
from functions.worker.tracing import Tracing, model_call
from tests.support.builders import NOON
from tests.unit.worker.builders import generation

TRACE = TraceContext(trace_id="4bf92f3577b34da6a3ce929d0e0e4736", span_id="00f067aa0ba902b7")
NOON_NS = int(NOON.timestamp()) * 10**9


@dataclass
class Exported:
    """Spans that were handed on, and a clock."""

    spans: list[Span] = field(default_factory=list)
    now: int = NOON_NS + 2 * 10**9

    def __call__(self, spans: list[Span]) -> None:
        self.spans += spans

    def tracing(self, **changes: Any) -> Tracing:
        call = {"gen_ai.provider.name": "openai", "server.address": "api.example"}
        valid: dict[str, Any] = {"export": self, "call": lambda _model: call, "clock": lambda: self.now}
        return Tracing(**valid | changes)

    def named(self, name: str) -> Span:
        [span] = [span for span in self.spans if span.name == name]
        return span


def traced(**changes: Any) -> Generation:
    return generation(**{"trace": TRACE, "created_at": NOON, "model": "gpt-test"} | changes)


def test_an_answer_is_a_post_a_wait_a_generation_and_its_calls() -> None:
    exported = Exported()

    with exported.tracing().claimed(traced(), sent_at=NOON + timedelta(milliseconds=250)):
        with model_call("gpt-test", attempt=1) as call:
            exported.now += 10**9
            call.began(0.5)
            call.answered(Ending("stop", Usage(3, 4, 7)))
        exported.now += 10**9

    post, wait = exported.named("POST /api/chat/generate-response"), exported.named("queue wait")
    whole, chat = exported.named("generation"), exported.named("chat gpt-test")
    assert {span.trace_id for span in exported.spans} == {TRACE.trace_id}
    assert (post.parent_id, post.kind, post.start) == (TRACE.span_id, Kind.SERVER, NOON_NS)
    assert (post.end, wait.start, wait.end) == (NOON_NS + 250_000_000,) * 2 + (NOON_NS + 2 * 10**9,)
    assert (wait.parent_id, whole.parent_id, chat.parent_id) == (post.span_id, post.span_id, whole.span_id)
    assert (whole.end - whole.start, chat.end - chat.start) == (2 * 10**9, 10**9)
    assert chat.kind is Kind.CLIENT
    assert chat.attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-test",
        "gen_ai.request.stream": True,
        "gen_ai.conversation.id": whole.attributes["gen_ai.conversation.id"],
        "gen_ai.response.time_to_first_chunk": 0.5,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 3,
        "gen_ai.usage.output_tokens": 4,
        "framestream.attempt": 1,
        "framestream.purpose": "answer",
        "server.address": "api.example",
    }


def test_a_later_attempt_belongs_to_the_same_post_and_does_not_tell_it_again() -> None:
    exported = Exported()

    with exported.tracing().claimed(traced(attempt=2), sent_at=NOON):
        pass

    [whole] = exported.spans
    assert whole.parent_id == post_span_id(traced().generation_id)
    assert whole.attributes["framestream.attempt"] == 2


def test_a_call_that_failed_says_why() -> None:
    exported = Exported()

    with exported.tracing().claimed(traced(), sent_at=None), model_call("m", attempt=1) as call:
        call.failed("llm_timeout")

    failed = exported.named("chat m")
    assert (failed.error, failed.attributes["error.type"]) == ("llm_timeout", "llm_timeout")


def test_a_claim_that_goes_wrong_is_exported_all_the_same() -> None:
    exported = Exported()

    with pytest.raises(KeyError), exported.tracing().claimed(traced(), sent_at=None):
        raise KeyError

    assert exported.named("generation").error == "KeyError"


@pytest.mark.parametrize(
    ("trace", "percent", "recorded"),
    [
        (TRACE, 100, True),
        (None, 100, False),
        (TraceContext(trace_id="a" * 32, sampled=False), 100, False),
        (TraceContext(trace_id="a" * 18 + "0" * 14), 1, True),
        (TraceContext(trace_id="a" * 18 + "f" * 14), 99, False),
        (TraceContext(trace_id="a" * 18 + "f" * 14), 100, True),
    ],
)
def test_what_its_caller_drops_and_what_is_not_chosen_is_not_recorded(
    trace: TraceContext | None,
    percent: int,
    recorded: bool,  # noqa: FBT001
) -> None:
    exported = Exported()

    with exported.tracing(percent=percent).claimed(traced(trace=trace), sent_at=None):
        pass

    assert bool(exported.spans) is recorded


def test_without_an_endpoint_a_call_is_made_and_nothing_recorded() -> None:
    with Tracing().claimed(traced(), sent_at=None), model_call("m", attempt=1) as call:
        call.began(1.0)
        call.answered(Ending("stop", None))
        call.failed("x")

    assert call.span is None


async def test_answers_side_by_side_have_spans_of_their_own() -> None:
    exported = Exported()

    async def answer(model: str) -> None:
        with exported.tracing().claimed(traced(generation_id=model, attempt=2), sent_at=None):
            await asyncio.sleep(0)
            with model_call(model, attempt=2):
                await asyncio.sleep(0)

    await asyncio.gather(answer("a"), answer("b"))

    for model in ("a", "b"):
        whole = next(
            span for span in exported.spans if span.attributes.get("framestream.generation_id") == model
        )
        assert exported.named(f"chat {model}").parent_id == whole.span_id


def test_otlp_writes_ids_in_hex_and_long_numbers_as_text() -> None:
    attributes: dict[str, Any] = {"s": "t", "b": True, "i": 3, "f": 0.5, "l": ["x"]}
    span = Span(
        name="n", kind=Kind.CLIENT, trace_id="1a", span_id="2b", start=5, end=7, attributes=attributes
    )
    span.fail("oops")

    written = payload([span], {"service.name": "worker"})

    [resource] = written["resourceSpans"]
    assert resource["resource"]["attributes"] == [{"key": "service.name", "value": {"stringValue": "worker"}}]
    [read] = resource["scopeSpans"][0]["spans"]
    assert (read["traceId"], read["spanId"], read["kind"], "parentSpanId" in read) == ("1a", "2b", 3, False)
    assert (read["startTimeUnixNano"], read["endTimeUnixNano"]) == ("5", "7")
    assert read["status"] == {"code": 2, "message": "oops"}
    assert {each["key"]: each["value"] for each in read["attributes"]} == {
        "s": {"stringValue": "t"},
        "b": {"boolValue": True},
        "i": {"intValue": "3"},
        "f": {"doubleValue": 0.5},
        "l": {"arrayValue": {"values": [{"stringValue": "x"}]}},
        "error.type": {"stringValue": "oops"},
    }


def test_the_queue_tells_when_it_took_a_message() -> None:
    assert sent_at("1795348800250") == NOON + timedelta(milliseconds=250)
    assert sent_at(None) is None


@dataclass
class Collector:
    """A collector on this machine's own address."""

    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    status: str = "200 OK"
    silent: bool = False

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        assert head.startswith("post /v1/traces ")
        assert "content-type: application/json" in head
        self.bodies.append(json.loads(await reader.readexactly(length)))
        if self.silent:
            await reader.read()  # Until the worker has had enough.
        else:
            head = f"HTTP/1.1 {self.status}\r\nContent-Length: 2\r\nConnection: close"
            writer.write(f"{head}\r\n\r\n{{}}".encode())
            await writer.drain()
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    collector = Collector()
    server = await asyncio.start_server(collector.answer, "127.0.0.1", 0)
    collector.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/traces"
    async with server:
        yield collector


@pytest.fixture
async def exporter(collector: Collector) -> AsyncIterator[SpanExporter]:
    exporter = SpanExporter(url=collector.url, resource={"service.name": "worker"})
    yield exporter
    if exporter._client is not None:
        await exporter._client.close()


def a_span() -> Span:
    return Span(name="generation", kind=Kind.CONSUMER, trace_id="1a", start=1, end=2)


async def test_spans_reach_a_collector(collector: Collector, exporter: SpanExporter) -> None:
    exporter([a_span()])
    await exporter.flushed()

    [body] = collector.bodies
    assert body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"] == "generation"


async def test_nothing_waits_for_a_collector_and_a_flush_not_for_long(
    collector: Collector, exporter: SpanExporter, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    monkeypatch.setattr(span_exporter, "PATIENCE", 0.2)
    collector.silent = True
    began = datetime.now(UTC)

    exporter([a_span()])
    handed_over = datetime.now(UTC) - began
    await asyncio.wait_for(exporter.flushed(), 10)

    assert handed_over < timedelta(milliseconds=150)
    assert lines == ["spans could not be exported"]


async def test_a_collector_that_refuses_is_said_and_harmless(
    collector: Collector, exporter: SpanExporter, lines: list[str]
) -> None:
    collector.status = "503 Service Unavailable"

    exporter([a_span()])
    await exporter.flushed()

    assert lines == ["spans were refused"]


async def test_a_collector_that_is_not_there_is_harmless(lines: list[str]) -> None:
    exporter = SpanExporter(url="http://127.0.0.1:1/v1/traces", resource={})

    exporter([a_span()])
    await exporter.flushed()

    assert lines == ["spans could not be exported"]
    assert exporter._client is not None
    await exporter._client.close()


async def test_a_slow_collector_loses_spans_and_not_memory(
    collector: Collector, exporter: SpanExporter, monkeypatch: pytest.MonkeyPatch, lines: list[str]
) -> None:
    monkeypatch.setattr(span_exporter, "PATIENCE", 0.2)
    collector.silent = True

    for _ in range(span_exporter.MOST + 1):
        exporter([a_span()])
    assert lines == ["spans were dropped"]
    await exporter.flushed()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the exporter warns of."""
    said: list[str] = []
    monkeypatch.setattr(span_exporter.logger, "warning", lambda sentence, **_facts: said.append(sentence))
    return said
