/** A transport for `useChat` of the Vercel AI SDK, with stop and resume. */

import type { ChatTransport, FinishReason, UIMessage, UIMessageChunk } from "ai";
import type { FrameStreamClient } from "./client.ts";
import type { Generation } from "./generation.ts";

/** Where it is kept which answer a chat waits for, so that a reloaded page can resume it. */
export type Memory = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface TransportOptions<M extends UIMessage> {
  client: FrameStreamClient;
  /** What is asked; the text of the last message of the user, unless said otherwise. */
  promptFrom?: (messages: M[]) => string;
  /** The page's localStorage, unless said otherwise; null for none. */
  memory?: Memory | null;
}

type Sending<M extends UIMessage> = Parameters<ChatTransport<M>["sendMessages"]>[0];
type Resuming<M extends UIMessage> = Parameters<ChatTransport<M>["reconnectToStream"]>[0];

export class FrameStreamChatTransport<M extends UIMessage = UIMessage> implements ChatTransport<M> {
  /** A resumed answer is told from its start. */
  readonly resumeStreamIsReplay = true;
  readonly #client: FrameStreamClient;
  readonly #promptFrom: (messages: M[]) => string;
  readonly #memory: Memory | null;

  constructor({
    client,
    promptFrom = lastPrompt,
    memory = globalThis.localStorage ?? null,
  }: TransportOptions<M>) {
    this.#client = client;
    this.#promptFrom = promptFrom;
    this.#memory = memory;
  }

  /** A `model` in the request's `body` is the model that is asked. */
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
    this.#memory?.setItem(key(chatId), await generation.accepted);
    return this.#stream(generation, chatId);
  };

  readonly reconnectToStream = async ({
    chatId,
    abortSignal,
  }: Resuming<M>): Promise<ReadableStream<UIMessageChunk> | null> => {
    // Effects that React runs twice while developing stop what they began at once. That is no wish to cancel the answer.
    await Promise.resolve();
    const id = this.#memory?.getItem(key(chatId));
    if (!id || abortSignal?.aborted) return null;
    const signal = abortSignal ? { signal: abortSignal } : {};
    return this.#stream(this.#client.follow(id, { chatId, ...signal }), chatId);
  };

  #stream(generation: Generation, chatId: string): ReadableStream<UIMessageChunk> {
    const chunks = chunksOf(generation);
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await chunks.next();
        if (!done) return controller.enqueue(value);
        // Another prompt of this chat may have been sent since.
        if (this.#memory?.getItem(key(chatId)) === generation.id) this.#memory?.removeItem(key(chatId));
        controller.close();
      },
      cancel: async () => void (await chunks.return()),
    });
  }
}

async function* chunksOf(generation: Generation): AsyncGenerator<UIMessageChunk, void, void> {
  const id = await generation.accepted;
  yield { type: "start", messageId: id };
  yield { type: "start-step" };
  let attempt = 0;
  let part = "";
  let told = "";
  try {
    for await (const text of generation) {
      if (generation.attempt !== attempt) {
        // The model is asked again, so what it said before is void.
        if (part) yield { type: "reset-step" };
        attempt = generation.attempt;
        part = `${id}-${attempt}`;
        told = "";
        yield { type: "text-start", id: part };
      }
      yield { type: "text-delta", id: part, delta: text.slice(told.length) };
      told = text;
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

function key(chatId: string): string {
  return `framestream:${chatId}`;
}
