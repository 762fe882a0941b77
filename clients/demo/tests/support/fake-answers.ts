/** Answers as the worker writes them, in this process: piece by piece, and each is told on the sockets. */

import type { StoredPart } from "framestream";
import { now } from "./clock.ts";
import { USER } from "./fake-chats.ts";

interface Writing {
  chatId: string;
  prompt: string;
  text: string;
  status: string;
  frames: object[];
  /** Beside the text. */
  parts: StoredPart[];
}

/** How an answer is written. */
export interface Script {
  /** What it says to a prompt. */
  text(prompt: string): string;
  /** What it reasons before, and what it relies on: both are told with the first piece. */
  reasoning: string;
  sources: object[];
  /** Pieces that are written at once; the rest follows when `release` is called. */
  pieces: number;
  /** A prompt that matches fails, with this code. */
  failing: [RegExp, string] | null;
}

export class FakeAnswers {
  readonly script: Script = {
    text: (prompt) => `You asked: ${prompt}`,
    ...{ reasoning: "", sources: [], pieces: Infinity, failing: null },
  };
  readonly #writings = new Map<string, Writing>();
  readonly #send: (message: object) => void;
  readonly #recordEnd: (chatId: string, id: string, end: object) => number;

  /** `recordEnd` is told how each answer ended, and returns the version of its chat. */
  constructor(
    send: (message: object) => void,
    recordEnd: (chatId: string, id: string, end: object) => number,
  ) {
    this.#send = send;
    this.#recordEnd = recordEnd;
  }

  /** Write what is left of the answers. */
  release(): void {
    this.script.pieces = Infinity;
    for (const id of this.#writings.keys()) this.#finish(id);
  }

  begin(chatId: string, id: string, prompt: string): void {
    this.#writings.set(id, { chatId, prompt, text: "", status: "processing", frames: [], parts: [] });
  }

  /** Write as much as the script says. */
  write(id: string): void {
    const pieces = this.#piecesOf(id);
    this.#status(id, "started");
    const { reasoning, sources } = this.script;
    if (reasoning) this.#part(id, "reasoning", reasoning);
    if (this.script.pieces) this.#status(id, "streaming");
    for (const piece of pieces.slice(0, this.script.pieces)) this.#append(id, piece);
    for (const source of sources) this.#part(id, "source", JSON.stringify(source));
    if (this.script.pieces >= pieces.length) this.#finish(id);
  }

  end(id: string, status: "completed" | "failed" | "cancelled", facts: object = {}): void {
    const writing = this.#writings.get(id);
    if (!writing) return; // It waited, and was stopped before its turn.
    writing.status = status;
    const { text, chatId, parts } = writing;
    const more = { ...facts, ...(parts.length && { has_parts: true as const }) };
    const chat_version = this.#recordEnd(chatId, id, { status, text, ...more });
    this.#status(id, status, { chat_version });
  }

  state(id: string): object | null {
    const writing = this.#writings.get(id);
    if (!writing) return null;
    const { chatId, text, status, parts } = writing;
    const length = [...text].length;
    const names = { generation_id: id, user_id: USER, chat_id: chatId, model: "otter-1", attempt: 1 };
    const none = { finish_reason: null, usage: null, error: null, code: null, retryable: null };
    const part = { text, offset: 0, next_offset: length, length, has_more: false };
    return {
      ...names,
      ...none,
      ...part,
      ...(parts.length && { parts }),
      status,
      created_at: now(),
      timestamp: now(),
    };
  }

  #piecesOf(id: string): string[] {
    return this.script.text(this.#writings.get(id)!.prompt).match(/[^\n ]*\s?/g) ?? [];
  }

  #append(id: string, delta: string): void {
    const writing = this.#writings.get(id)!;
    if (writing.status !== "processing" || !delta) return;
    const offset = [...writing.text].length;
    writing.text += delta;
    const frame = { status: "streaming", delta, offset, progress: "indeterminate" };
    this.#say(id, { type: "llm_frame", frame });
  }

  #part(id: string, kind: StoredPart["kind"], text: string): void {
    const writing = this.#writings.get(id)!;
    const text_offset = [...writing.text].length;
    const last = writing.parts.at(-1) ?? { index: -1, text_offset: 0 };
    const index = last.index + (text_offset > last.text_offset ? 2 : 1);
    writing.parts.push({ index, kind, text_offset, text });
    this.#say(id, { type: "llm_part", part: { index, kind, delta: text, offset: 0, text_offset } });
  }

  #finish(id: string): void {
    const writing = this.#writings.get(id)!;
    if (writing.status !== "processing") return;
    const [pattern, code] = this.script.failing ?? [];
    if (pattern?.test(writing.prompt)) return this.#fail(id, code!);
    this.#append(id, this.script.text(writing.prompt).slice(writing.text.length));
    const usage = { prompt_tokens: 1200, completion_tokens: 480, total_tokens: 1680 };
    const facts = { finish_reason: "stop", usage, cost: 2140, context: null };
    const names = { event: "response_generated", user_id: USER, chat_id: writing.chatId, generation_id: id };
    const length = [...writing.text].length;
    const data = { ...names, response: writing.text, model: "otter-1", ...facts, length, timestamp: now() };
    this.#say(id, { type: "llm_response", data });
    this.end(id, "completed", facts);
  }

  #fail(id: string, code: string): void {
    const failure = { error: "It failed.", code, retryable: true } as const;
    this.#say(id, { type: "llm_error", ...failure });
    this.end(id, "failed", failure);
  }

  #status(id: string, status: string, more: object = {}): void {
    this.#say(id, { type: "llm_status", status, message: `It is ${status}.`, ...more });
  }

  #say(id: string, content: object): void {
    const writing = this.#writings.get(id)!;
    const about = { user_id: USER, chat_id: writing.chatId, generation_id: id, attempt: 1, timestamp: now() };
    const message = { ...content, ...about };
    writing.frames.push(message);
    this.#send(message);
  }
}
