/** A transport for `useChat` of the Vercel AI SDK, with stop and resume. */

import type { ChatTransport, FinishReason, UIMessage, UIMessageChunk } from "ai";
import type { FrameStreamClient } from "./client.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import { PendingAnswers, type Memory } from "./memory.ts";

export type { Memory } from "./memory.ts";

export interface TransportOptions<M extends UIMessage> {
  client: FrameStreamClient;
  /** The prompt for these messages; unless set, the text of the last message of the user. */
  promptFrom?: (messages: M[]) => string;
  /** The storage for the id of the answer that a chat waits for: unless set, localStorage; null for none. */
  memory?: Memory | null;
}

type Sending<M extends UIMessage> = Parameters<ChatTransport<M>["sendMessages"]>[0];
type Resuming<M extends UIMessage> = Parameters<ChatTransport<M>["reconnectToStream"]>[0];

export class FrameStreamChatTransport<M extends UIMessage = UIMessage> implements ChatTransport<M> {
  /** A resumed answer streams from its start. */
  readonly resumeStreamIsReplay = true;
  readonly #client: FrameStreamClient;
  readonly #promptFrom: (messages: M[]) => string;
  readonly #pending: PendingAnswers;

  constructor({ client, promptFrom = lastPrompt, memory }: TransportOptions<M>) {
    this.#client = client;
    this.#promptFrom = promptFrom;
    // Read at use: on a server there is no localStorage, and a browser may forbid the access.
    this.#pending = new PendingAnswers(() => (memory === undefined ? globalThis.localStorage : memory));
  }

  /** A `model` in the request's `body` selects the model. */
  readonly sendMessages = async ({
    chatId,
    messages,
    abortSignal,
    body,
  }: Sending<M>): Promise<ReadableStream<UIMessageChunk>> => {
    const { model } = (body ?? {}) as { model?: string };
    const generation = this.#client.generate({
      chatId,
      prompt: this.#promptFrom(messages),
      ...(model && { model }),
      ...(abortSignal && { signal: abortSignal }),
    });
    const id = await unlessAborted(generation.accepted, abortSignal);
    void this.#pending.set(chatId, id);
    return this.#stream(chunksOf(generation), generation);
  };

  /** Resumes the answer that the page waited for when it was left, or else the running answer of this chat. */
  readonly reconnectToStream = async ({
    chatId,
    abortSignal,
  }: Resuming<M>): Promise<ReadableStream<UIMessageChunk> | null> => {
    const running = this.#client.generations(chatId).findLast(({ hasEnded }) => !hasEnded);
    const id = (await this.#pending.get(chatId)) ?? running?.id;
    // In development React runs effects twice and aborts the first run at once: that must not cancel the answer.
    if (!id || abortSignal?.aborted) return null;
    const generation = this.#client.follow(id, { chatId, ...(abortSignal && { signal: abortSignal }) });
    return this.#stream(resumedChunksOf(generation), generation);
  };

  #stream(
    chunks: AsyncGenerator<UIMessageChunk, void, void>,
    { id, chatId }: Generation,
  ): ReadableStream<UIMessageChunk> {
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await chunks.next();
        if (!done) return controller.enqueue(value);
        await this.#pending.forget(chatId, id);
        controller.close();
      },
      cancel: async () => void (await chunks.return()),
    });
  }
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new DOMException("The answer was stopped before it began.", "AbortError"));
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** The server deletes an answer after some days; then the stream is empty, which is not a failure. */
async function* resumedChunksOf(generation: Generation): AsyncGenerator<UIMessageChunk, void, void> {
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

async function* chunksOf(generation: Generation): AsyncGenerator<UIMessageChunk, void, void> {
  const id = await generation.accepted;
  yield { type: "start", messageId: id };
  yield { type: "start-step" };
  let attempt = 0;
  let part = "";
  let sent = "";
  try {
    for await (const text of generation) {
      if (generation.attempt !== attempt) {
        // The model is asked again, so the earlier text is void.
        if (part) yield { type: "reset-step" };
        attempt = generation.attempt;
        part = `${id}-${attempt}`;
        sent = "";
        yield { type: "text-start", id: part };
      }
      yield { type: "text-delta", id: part, delta: text.slice(sent.length) };
      sent = text;
    }
    if (part) yield { type: "text-end", id: part };
    yield* ending(await generation.result);
  } catch (error) {
    yield { type: "error", errorText: (error as Error).message };
  }
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

function lastPrompt(messages: UIMessage[]): string {
  const parts = messages.findLast(({ role }) => role === "user")?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
