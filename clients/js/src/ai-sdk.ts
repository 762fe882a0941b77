/** A transport for `useChat` of the Vercel AI SDK, with stop, resume, edits and regeneration. */

import type { ChatTransport, FileUIPart, UIMessage, UIMessageChunk } from "ai";
import { chunksOf, resumedChunksOf, shownAs } from "./ai-sdk-chunks.ts";
import { ask } from "./asking.ts";
import { recordOf } from "./chat-record.ts";
import type { FrameStreamClient } from "./client.ts";
import { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { OnBusy } from "./http.ts";
import { PendingAnswers, type Memory } from "./memory.ts";
import type { ResponseFormat } from "./messages.ts";
import type { Chat } from "./wire.ts";

export type { Memory } from "./memory.ts";

export interface TransportOptions<M extends UIMessage> {
  client: FrameStreamClient;
  /** The prompt for these messages, as the server keeps the earlier ones itself; unless set, the text of the last message of the user. */
  promptFrom?: (messages: M[]) => string;
  /** The storage for the id of the answer that a chat waits for: unless set, localStorage; null for none. */
  memory?: Memory | null;
  /** What happens to a prompt while its chat has a running answer: `reject` unless set, `queue` or `interrupt`. */
  onBusy?: OnBusy;
}

type Sending<M extends UIMessage> = Parameters<ChatTransport<M>["sendMessages"]>[0];
type Resuming<M extends UIMessage> = Parameters<ChatTransport<M>["reconnectToStream"]>[0];

/** A version that no chat has. */
const BEYOND = 999_999_999;

/** The messages of a chat, as the server has them: for the option `messages` of `useChat` or `Chat`. */
export async function historyOf(client: FrameStreamClient, chatId: string): Promise<UIMessage[]> {
  const { messages } = await recordOf(client, chatId);
  return messages.map(({ id, role, text, parts }) => {
    const plain = { type: "text", text } as const;
    return { id, role, parts: parts.length ? parts.map((part) => shownAs(part, id)) : [plain] };
  });
}

export class FrameStreamChatTransport<M extends UIMessage = UIMessage> implements ChatTransport<M> {
  /** A resumed answer streams from its start. */
  readonly resumeStreamIsReplay = true;
  readonly #client: FrameStreamClient;
  readonly #promptFrom: (messages: M[]) => string;
  readonly #pending: PendingAnswers;
  readonly #onBusy: OnBusy | undefined;
  /** The answers that this transport streamed, by the ids of their questions in the page. */
  readonly #answers = new Map<string, string>();

  constructor({ client, promptFrom = lastPrompt, memory, onBusy }: TransportOptions<M>) {
    this.#client = client;
    this.#onBusy = onBusy;
    this.#promptFrom = promptFrom;
    // Read at use: on a server there is no localStorage, and a browser may forbid the access.
    this.#pending = new PendingAnswers(() => (memory === undefined ? globalThis.localStorage : memory));
  }

  /** The request's `body` may have `model` and `responseFormat`. The files of a new question are uploaded before it is asked. */
  readonly sendMessages = async (sending: Sending<M>): Promise<ReadableStream<UIMessageChunk>> => {
    const { chatId, messages, abortSignal } = sending;
    const generation = await unlessAborted(this.#accepted(sending), abortSignal);
    const id = generation.id!;
    this.#answers.set(lastQuestion(messages)?.id ?? "", id);
    void this.#pending.set(chatId, id);
    return this.#stream(chunksOf(generation), generation);
  };

  async #accepted(sending: Sending<M>): Promise<Generation> {
    const again = sending.trigger === "regenerate-message" ? await this.#answerOf(sending) : null;
    const { chatId, abortSignal: signal } = sending;
    const { model, responseFormat } = (sending.body ?? {}) as {
      model?: string;
      responseFormat?: ResponseFormat;
    };
    const how = { chatId, signal, onBusy: this.#onBusy, model, responseFormat };
    const prompt = this.#promptFrom(sending.messages);
    const attach = () => this.#attach(sending);
    return ask(this.#client, { ...how, again, attach, prompt, parentId: this.#parentOf(sending) });
  }

  #attach({ chatId, messages, abortSignal: signal }: Sending<M>): Promise<string[]> {
    const files = lastQuestion(messages)?.parts.filter((part) => part.type === "file") ?? [];
    const upload = async (file: FileUIPart) => {
      const { filename: name, mediaType } = file;
      return this.#client.attach(chatId, await contentOf(file), { name, mediaType, signal });
    };
    return Promise.all(files.map(upload));
  }

  /** The answer before the question; an edited question without one begins the chat anew. */
  #parentOf({ messages, messageId, trigger }: Sending<M>): string | undefined {
    const before = messages.slice(
      0,
      messages.findLastIndex(({ role }) => role === "user"),
    );
    const parent = before.findLast(({ role }) => role === "assistant");
    if (parent) return this.#isGeneration(parent.id) ? parent.id : undefined;
    return trigger === "submit-message" && messageId !== undefined ? "root" : undefined;
  }

  /** The answer to be given again: the SDK has taken it from the messages, and names it only if the page did. */
  async #answerOf({ chatId, messages, messageId }: Sending<M>): Promise<string | null> {
    if (messageId !== undefined && this.#isGeneration(messageId)) return messageId;
    const known = this.#answers.get(lastQuestion(messages)?.id ?? "");
    return known ?? (await this.#head(chatId))?.leaf_id ?? null;
  }

  #isGeneration(id: string): boolean {
    return /^[0-9a-f]{32}$/.test(id) || [...this.#answers.values()].includes(id);
  }

  /** The chat without its messages; null if the server knows none, or does not answer. */
  async #head(chatId: string): Promise<Chat | null> {
    const reply = await this.#client.chats.read(chatId, BEYOND).catch(() => null);
    return reply?.chat ?? null;
  }

  /** Resumes the answer that the page waited for when it was left, or else the running answer of this chat, of any device. */
  readonly reconnectToStream = async ({
    chatId,
    abortSignal,
  }: Resuming<M>): Promise<ReadableStream<UIMessageChunk> | null> => {
    const running = this.#client.generations(chatId).findLast(({ hasEnded }) => !hasEnded);
    const id = (await this.#pending.get(chatId)) ?? running?.id ?? (await this.#head(chatId))?.running;
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

/** An address elsewhere is not followed, as the page may not have chosen it. */
async function contentOf({ url, filename = "file" }: FileUIPart): Promise<Blob> {
  if (/^(data|blob):/.test(url)) return (await fetch(url)).blob();
  throw new FrameStreamError(
    `${filename} is not in the page: attach it as a File or a data URL.`,
    "bad_option",
  );
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

function lastQuestion(messages: UIMessage[]): UIMessage | undefined {
  return messages.findLast(({ role }) => role === "user");
}

function lastPrompt(messages: UIMessage[]): string {
  const parts = lastQuestion(messages)?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
