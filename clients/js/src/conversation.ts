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
  #subscribers = new Set<() => void>();
  /** The answers that are being written, by the id of their message. */
  #running = new Map<string, Generation>();
  /** Answers that must not be shown again: replaced ones, and those that ended before this conversation began. */
  #removed = new Set<string>();
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
    // An application that restores messages has the ended answers.
    const known = messages ? client.generations(chatId) : [];
    for (const generation of known) if (generation.hasEnded) this.#removed.add(generation.id!);
  }

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  };

  readonly state = (): ConversationState => this.#state;

  /** No component shows it, and no answer of it is being written. */
  get isIdle(): boolean {
    return this.#members === 0 && this.#running.size === 0;
  }

  /**
   * Show the conversation: the socket stays open until the returned function is called. The conversation receives
   * messages of its chat from the first call on until `end`, shown or not.
   */
  join(stored: readonly ChatMessage[] = []): () => void {
    this.#unlisten ??= this.#listen();
    this.#members++;
    const release = this.#client.hold();
    const { phase, closeCode } = this.#client;
    this.#set({ messages: merged(this.#state.messages, stored, this.#removed), phase, closeCode });
    this.#followUnfinished();
    this.#adopt();
    let isMember = true;
    return () => {
      if (isMember) this.#members--;
      isMember = false;
      release();
    };
  }

  /** Receive no more messages. */
  end(): void {
    this.#unlisten?.();
    this.#unlisten = null;
  }

  /** Set the preferences for the next prompts. */
  setPreferences(preferences: Preferences): void {
    this.#preferences = preferences;
  }

  readonly send = (prompt: string): void => {
    const asked = { role: "user", text: prompt, status: "completed", generationId: null } as const;
    const answer = answerTo(prompt);
    this.#set({ messages: [...this.#state.messages, { id: newId(), ...asked }, answer] });
    this.#submit(answer);
  };

  /** Cancel all running answers of this conversation. */
  readonly stop = (): void => {
    for (const generation of this.#running.values()) void generation.cancel().catch(() => {});
  };

  /** Replace an answer (the last one, if no id is given) by a new answer to its prompt. See `canRegenerate`. */
  readonly regenerate = (id?: string): void => {
    const { messages } = this.#state;
    const old = id === undefined ? messages.at(-1) : messages.find((message) => message.id === id);
    if (!old || !canRegenerate(old)) return;
    // The server may have accepted the prompt although its response was lost: with the same key it is not written twice.
    const mayBeAccepted = old.generationId === null && old.error?.retryable;
    const answer = answerTo(old.prompt!, mayBeAccepted ? old.id : newId());
    if (!mayBeAccepted) for (const name of [old.id, old.generationId]) if (name) this.#removed.add(name);
    this.#set({ messages: messages.map((message) => (message === old ? answer : message)) });
    this.#submit(answer);
  };

  #listen(): () => void {
    return this.#client.listen({
      onPhase: (phase) => {
        this.#set({ phase, ...(phase === "open" && { closeCode: null }) });
        if (phase === "open") this.#followUnfinished();
      },
      onClose: ({ code }) => this.#set({ closeCode: code }),
      onGeneration: ({ chatId }) => this.#adopt(chatId),
      onStatusUpdate: (status, _message, { chat_id, generation_id }) => {
        this.#adopt(chat_id);
        this.#updateStatus(generation_id, status);
      },
    });
  }

  /** Follow the answers that are shown as unfinished. */
  #followUnfinished(): void {
    for (const message of this.#state.messages) {
      const { id, generationId } = message;
      if (!isOpen(message) || this.#running.has(id)) continue;
      if (generationId) void this.#show(id, this.#client.follow(generationId, { chatId: this.#chatId }));
      else if (message.prompt) this.#submit(message);
      else this.#change(id, { status: "failed", error: UNKNOWN_PROMPT });
    }
  }

  /** Show this chat's answers that were requested elsewhere, in this page or in other tabs. */
  #adopt(chatId = this.#chatId): void {
    // While a prompt of this conversation is not accepted, an unknown answer may belong to it.
    const isSubmitting = this.#state.messages.some(
      ({ id, generationId }) => generationId === null && this.#running.get(id)?.hasEnded === false,
    );
    if (chatId !== this.#chatId || isSubmitting) return;
    for (const generation of this.#client.generations(chatId)) {
      const { id } = generation;
      if (this.#removed.has(id!) || this.#state.messages.some(({ generationId }) => generationId === id))
        continue;
      const answer = { ...answerTo(null), generationId: id };
      this.#set({ messages: [...this.#state.messages, answer] });
      void this.#show(answer.id, generation);
    }
  }

  /** Update the status of an answer without text; later, its status follows the displayed text. */
  #updateStatus(generationId: string, status: Status): void {
    const message = this.#state.messages.find((message) => message.generationId === generationId);
    if (message && this.#running.has(message.id) && !message.text && !hasEnded({ status }))
      this.#change(message.id, { status });
  }

  /** The message id is the idempotency key: a page left before the prompt was accepted can repeat it after a reload. */
  #submit({ id, prompt }: ChatMessage): void {
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
    if (status === "cancelled" && !text) this.#removeForeign(id);
    this.#change(id, { text, status, error: error && failureOf(error, Date.now()) });
    this.#set(error ? { error } : {});
  }

  /** Remove an answer that was requested elsewhere and cancelled before it had text. */
  #removeForeign(id: string): void {
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
    for (const subscriber of this.#subscribers) subscriber();
  }
}

function answerTo(prompt: string | null, id = newId()): ChatMessage {
  return { id, role: "assistant", text: "", status: "queued", generationId: null, prompt };
}
