/** One chat, as a page shows it: a store that changes while answers come in. */

import {
  canRegenerate,
  failureOf,
  hasEnded,
  isOpen,
  merged,
  UNKNOWN_PROMPT,
  withPrompts,
  type ChatMessage,
} from "./chat-messages.ts";
import type { FrameStreamClient } from "./client.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import { newId } from "./ids.ts";
import type { Status } from "./messages.ts";
import {
  statusOf,
  type ConversationOptions,
  type ConversationState,
  type Preferences,
} from "./conversation-state.ts";
import { smoothly } from "./smoothing.ts";

export class Conversation {
  #state: ConversationState;
  #watchers = new Set<() => void>();
  /** The answers that are being written, by the id of their message. */
  #running = new Map<string, Generation>();
  /** What does not come back: replaced answers, and those that had ended before this conversation began. */
  #gone = new Set<string>();
  #members = 0;
  #unlisten: (() => void) | null = null;
  #preferences: Preferences;
  readonly #client: FrameStreamClient;
  readonly #chatId: string;

  constructor(client: FrameStreamClient, { chatId, messages, ...preferences }: ConversationOptions) {
    this.#client = client;
    this.#chatId = chatId;
    this.#preferences = preferences;
    const { phase, closeCode } = client;
    this.#state = { messages: withPrompts(messages ?? []), status: "ready", error: null, phase, closeCode };
    // An application that brings what was said has what ended before.
    const known = messages ? client.generations(chatId) : [];
    for (const generation of known) if (generation.hasEnded) this.#gone.add(generation.id!);
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  readonly state = (): ConversationState => this.#state;

  /** Nothing shows it, and no answer of it is being written. */
  get isIdle(): boolean {
    return this.#members === 0 && this.#running.size === 0;
  }

  /**
   * Show the conversation: the socket is kept open until the function that comes back is called. What is told of this
   * chat is heard from the first time on until `end`, shown or not.
   */
  join(stored: readonly ChatMessage[] = []): () => void {
    this.#unlisten ??= this.#listen();
    this.#members++;
    const release = this.#client.hold();
    const { phase, closeCode } = this.#client;
    this.#set({ messages: merged(this.#state.messages, stored, this.#gone), phase, closeCode });
    this.#takeUp();
    this.#adopt();
    let isMember = true;
    return () => {
      if (isMember) this.#members--;
      isMember = false;
      release();
    };
  }

  /** Hear nothing any more. */
  end(): void {
    this.#unlisten?.();
    this.#unlisten = null;
  }

  /** What counts from the next prompt on. */
  prefer(preferences: Preferences): void {
    this.#preferences = preferences;
  }

  readonly send = (prompt: string): void => {
    const asked = { role: "user", text: prompt, status: "completed", generationId: null } as const;
    const answer = answerTo(prompt);
    this.#set({ messages: [...this.#state.messages, { id: newId(), ...asked }, answer] });
    this.#ask(answer);
  };

  /** Stop all answers that are being written here. */
  readonly stop = (): void => {
    for (const generation of this.#running.values()) void generation.cancel().catch(() => {});
  };

  /** Ask again what a message answers, in its place; the last message unless said otherwise. See `canRegenerate`. */
  readonly regenerate = (id?: string): void => {
    const { messages } = this.#state;
    const old = id === undefined ? messages.at(-1) : messages.find((message) => message.id === id);
    if (!old || !canRegenerate(old)) return;
    // What the server may have accepted unheard is asked for by the same name, so that it is not written twice.
    const mayBeThere = old.generationId === null && old.error?.retryable;
    const answer = answerTo(old.prompt!, mayBeThere ? old.id : newId());
    if (!mayBeThere) for (const name of [old.id, old.generationId]) if (name) this.#gone.add(name);
    this.#set({ messages: messages.map((message) => (message === old ? answer : message)) });
    this.#ask(answer);
  };

  #listen(): () => void {
    return this.#client.listen({
      onPhase: (phase) => {
        this.#set({ phase, ...(phase === "open" && { closeCode: null }) });
        if (phase === "open") this.#takeUp();
      },
      onClose: ({ code }) => this.#set({ closeCode: code }),
      onGeneration: ({ chatId }) => this.#adopt(chatId),
      onStatusUpdate: (status, _message, { chat_id, generation_id }) => {
        this.#adopt(chat_id);
        this.#advance(generation_id, status);
      },
    });
  }

  /** Go on with what is shown as unfinished. */
  #takeUp(): void {
    for (const message of this.#state.messages) {
      const { id, generationId } = message;
      if (!isOpen(message) || this.#running.has(id)) continue;
      if (generationId) void this.#show(id, this.#client.follow(generationId, { chatId: this.#chatId }));
      else if (message.prompt) this.#ask(message);
      else this.#change(id, { status: "failed", error: UNKNOWN_PROMPT });
    }
  }

  /** Show what the client knows of this chat and this conversation does not: asked elsewhere, here or in other tabs. */
  #adopt(chatId = this.#chatId): void {
    // While a prompt of this conversation is on its way, an unknown answer may be its own.
    const isSubmitting = this.#state.messages.some(
      ({ id, generationId }) => generationId === null && this.#running.get(id)?.hasEnded === false,
    );
    if (chatId !== this.#chatId || isSubmitting) return;
    for (const generation of this.#client.generations(chatId)) {
      const { id } = generation;
      if (this.#gone.has(id!) || this.#state.messages.some(({ generationId }) => generationId === id))
        continue;
      const answer = { ...answerTo(null), generationId: id };
      this.#set({ messages: [...this.#state.messages, answer] });
      void this.#show(answer.id, generation);
    }
  }

  /** How far an answer is before it has text; from then on its status goes with what is shown of it. */
  #advance(generationId: string, status: Status): void {
    const message = this.#state.messages.find((message) => message.generationId === generationId);
    if (message && this.#running.has(message.id) && !message.text && !hasEnded({ status }))
      this.#change(message.id, { status });
  }

  /** With the answer's id as the key: if a page is left before the prompt was accepted, the next one may ask again. */
  #ask({ id, prompt }: ChatMessage): void {
    const { model } = this.#preferences;
    const options = { chatId: this.#chatId, prompt: prompt!, idempotencyKey: id, ...(model && { model }) };
    void this.#show(id, this.#client.generate(options));
  }

  async #show(id: string, generation: Generation): Promise<void> {
    this.#running.set(id, generation);
    this.#set({ error: null });
    const accepted = (generationId: string) => this.#change(id, { generationId });
    void generation.accepted.then(accepted, () => {}).then(() => this.#adopt());
    let error: FrameStreamError | null = null;
    try {
      const texts = this.#preferences.smooth === false ? generation : smoothly(generation);
      for await (const text of texts)
        this.#change(id, { text, status: generation.hasEnded ? "streaming" : generation.status });
    } catch (thrown) {
      if (generation.status === "failed") error = thrown as FrameStreamError;
    }
    this.#running.delete(id);
    const { text, status } = generation;
    if (status === "cancelled" && !text) this.#withdraw(id);
    this.#change(id, { text, status, error: error && failureOf(error, Date.now()) });
    this.#set(error ? { error } : {});
  }

  /** What was asked elsewhere, and stopped before it began, has nothing to show. */
  #withdraw(id: string): void {
    const messages = this.#state.messages.filter((message) => message.id !== id || message.prompt !== null);
    this.#set({ messages });
  }

  #change(id: string, change: Partial<ChatMessage>): void {
    const messages = this.#state.messages.map((message) =>
      message.id === id ? { ...message, ...change } : message,
    );
    this.#set({ messages });
  }

  #set(change: Partial<ConversationState>): void {
    const next = { ...this.#state, ...change };
    this.#state = { ...next, status: statusOf(next, (id) => this.#running.has(id)) };
    for (const watcher of this.#watchers) watcher();
  }
}

function answerTo(prompt: string | null, id = newId()): ChatMessage {
  return { id, role: "assistant", text: "", status: "queued", generationId: null, prompt };
}
