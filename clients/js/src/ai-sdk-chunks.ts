/** An answer as the chunks of a stream of the Vercel AI SDK, and as the parts of one of its messages. */

import type { FinishReason, UIMessage, UIMessageChunk } from "ai";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import { partEvents, type PartEvent } from "./part-events.ts";
import type { AnswerPart, SourcePart } from "./parts.ts";

export function shownAs(part: AnswerPart, messageId: string): UIMessage["parts"][number] {
  const id = `${messageId}-${part.index}`;
  if (part.kind === "source") return { type: "source-url", ...sourceOf(part, id) };
  if (part.kind === "data") return { type: `data-${part.name}`, id, data: part.value };
  return { type: part.kind, text: part.text };
}

/** The server deletes an answer after some days; then the stream is empty, which is not a failure. */
export async function* resumedChunksOf(generation: Generation): AsyncGenerator<UIMessageChunk, void, void> {
  if (await isKnown(generation)) yield* chunksOf(generation);
}

async function isKnown(generation: Generation): Promise<boolean> {
  try {
    await generation[Symbol.asyncIterator]().next();
    return true;
  } catch (error) {
    return (error as FrameStreamError).code !== "not_found";
  }
}

export async function* chunksOf(generation: Generation): AsyncGenerator<UIMessageChunk, void, void> {
  const id = await generation.accepted;
  yield { type: "start", messageId: id };
  yield { type: "start-step" };
  let round = 1;
  try {
    for await (const event of partEvents(generation)) {
      if (event.type === "void") round++;
      yield chunkOf(event, `${id}-${round}`);
    }
    yield* ending(await generation.result);
  } catch (error) {
    yield { type: "error", errorText: (error as Error).message };
  }
}

function chunkOf(event: PartEvent, prefix: string): UIMessageChunk {
  if (event.type === "void") return { type: "reset-step" };
  const { part } = event;
  const id = `${prefix}-${part.index}`;
  if (event.type === "delta") return { type: `${event.part.kind}-delta`, id, delta: event.delta };
  if (event.type !== "whole") return { type: `${event.part.kind}-${EDGES[event.type]}`, id };
  if (event.part.kind === "data") return { type: `data-${event.part.name}`, id, data: event.part.value };
  return { type: "source-url", ...sourceOf(event.part, id) };
}

const EDGES = { begin: "start", end: "end" } as const;

/** What a source of the SDK has. */
function sourceOf({ url, title, snippet }: SourcePart, sourceId: string) {
  const more = {
    ...(title !== null && { title }),
    ...(snippet !== null && { providerMetadata: { framestream: { snippet } } }),
  };
  return { sourceId, url, ...more };
}

function* ending({ status, finishReason }: Awaited<Generation["result"]>): Generator<UIMessageChunk> {
  if (status === "cancelled") return yield { type: "abort" };
  yield { type: "finish-step" };
  yield { type: "finish", finishReason: REASONS[finishReason ?? ""] ?? "other" };
}

const REASONS: Record<string, FinishReason> = {
  stop: "stop",
  length: "length",
  content_filter: "content-filter",
};
