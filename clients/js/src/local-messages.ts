/** The messages of a conversation that only this page has, and where they stand among those of the server. */

import { merged, withPrompts, type ChatMessage } from "./chat-messages.ts";
import type { Enclosed } from "./http.ts";
import { newId } from "./ids.ts";

export class LocalMessages {
  #all: readonly ChatMessage[];
  /** The messages on the server after which those stand. */
  readonly #places = new Map<string, string | null>();

  constructor(stored: readonly ChatMessage[]) {
    this.#all = withPrompts(stored);
  }

  get all(): readonly ChatMessage[] {
    return this.#all;
  }

  placeOf(id: string): string | null {
    return this.#places.get(id) ?? null;
  }

  /** From now on these messages stand after this one. */
  place(ids: readonly string[], place: string | null): void {
    for (const id of ids) this.#places.set(id, place);
  }

  add(messages: readonly ChatMessage[], place: string | null): void {
    this.#all = [...this.#all, ...messages];
    this.place(
      messages.map(({ id }) => id),
      place,
    );
  }

  update(id: string, change: Partial<ChatMessage>): void {
    this.#all = this.#all.map((each) => (each.id === id ? { ...each, ...change } : each));
  }

  /** Put another message in the place of one. */
  replace(id: string, message: ChatMessage): void {
    this.#all = this.#all.map((each) => (each.id === id ? message : each));
    this.place([message.id], this.placeOf(id));
  }

  keep(isKept: (message: ChatMessage) => boolean): void {
    this.#all = this.#all.filter(isKept);
  }

  /** Merge with messages that the application stored, except for these generations. */
  restore(
    received: (id: string) => Partial<ChatMessage> | undefined,
    stored: readonly ChatMessage[],
    removed: ReadonlySet<string>,
  ): void {
    const known = this.#all.map((local) => ({ ...local, ...received(local.id) }));
    this.#all = merged(known, stored, removed);
  }

  questionBefore(id: string): string | null {
    const before = this.#all[this.#all.findIndex((local) => local.id === id) - 1];
    return before?.role === "user" ? before.id : null;
  }

  /** What the question was sent with, which the same key has to repeat. */
  enclosed(questionId: string | null, responseFormat: ChatMessage["responseFormat"]): Enclosed {
    const question = this.#all.find(({ id }) => id === questionId);
    return { responseFormat, attachments: question?.attachments };
  }
}

export function answerTo(prompt: string | null, id = newId()): ChatMessage {
  return { id, role: "assistant", text: "", status: "queued", generationId: null, prompt };
}
