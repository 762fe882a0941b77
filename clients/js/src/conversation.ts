/** The messages of one chat, as a page shows them: a store that changes while answers come in. */

import type { FrameStreamClient } from "./client.ts";
import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { Status } from "./messages.ts";
import { smoothly } from "./smoothing.ts";

export interface ChatMessage {
  readonly id: string;
  readonly role: "user" | "assistant";
  readonly text: string;
  /** How an answer stands; a prompt is always `completed`. */
  readonly status: Status;
  readonly generationId: string | null;
}

export interface ConversationState {
  readonly messages: readonly ChatMessage[];
  /** `ready` for a prompt; `submitted` until there is text; `streaming`; or `error`, and ready for another try. */
  readonly status: "ready" | "submitted" | "streaming" | "error";
  readonly error: FrameStreamError | null;
  /** How the connection stands. */
  readonly phase: Phase;
  /** The close code with which the connection was refused or lost last; null while it is open. */
  readonly closeCode: number | null;
}

export interface ConversationOptions {
  chatId: string;
  /** What was shown before, after a reload for example. Unfinished answers in it are taken up. */
  messages?: readonly ChatMessage[];
  model?: string;
  /** Reveal text evenly; true unless said otherwise. */
  smooth?: boolean;
}

const ENDED: readonly Status[] = ["completed", "failed", "cancelled"];

export class Conversation {
  #state: ConversationState;
  #watchers = new Set<() => void>();
  /** The answers that are being written, by the id of their message. */
  #running = new Map<string, Generation>();
  #prompt = "";
  readonly #client: FrameStreamClient;
  readonly #options: ConversationOptions;

  constructor(client: FrameStreamClient, options: ConversationOptions) {
    this.#client = client;
    this.#options = options;
    const messages = options.messages ?? [];
    this.#prompt = messages.findLast(({ role }) => role === "user")?.text ?? "";
    this.#state = { messages, status: "ready", error: null, phase: client.phase, closeCode: null };
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  readonly state = (): ConversationState => this.#state;

  /** Be told of answers, also of other tabs, from now on; the function that comes back ends that. */
  join(): () => void {
    const leave = this.#client.listen({
      onPhase: (phase) => this.#set({ phase, ...(phase === "open" && { closeCode: null }) }),
      onClose: ({ code }) => this.#set({ closeCode: code }),
      onGeneration: (generation) => {
        if (generation.chatId !== this.#options.chatId || this.#has(generation.id)) return;
        this.#add(crypto.randomUUID(), generation);
      },
    });
    this.#client.connect();
    this.#set({ phase: this.#client.phase });
    for (const { id, role, status, generationId } of this.#state.messages) {
      if (role !== "assistant" || ENDED.includes(status) || this.#running.has(id)) continue;
      void this.#show(id, generationId ? this.#client.follow(generationId) : this.#generate(id));
    }
    return leave;
  }

  readonly send = (prompt: string): void => {
    this.#prompt = prompt;
    const id = crypto.randomUUID();
    const asked: ChatMessage = { id, role: "user", text: prompt, status: "completed", generationId: null };
    this.#set({ messages: [...this.#state.messages, asked] });
    this.#ask();
  };

  /** Stop all answers that are being written here. */
  readonly stop = (): void => {
    for (const generation of this.#running.values()) void generation.cancel().catch(() => {});
  };

  /** Ask the last prompt again, in place of its answer. */
  readonly regenerate = (): void => {
    if (!this.#prompt || this.#running.size) return;
    const last = this.#state.messages.at(-1);
    if (last?.role === "assistant") this.#set({ messages: this.#state.messages.slice(0, -1) });
    this.#ask();
  };

  #ask(): void {
    const id = crypto.randomUUID();
    this.#add(id, this.#generate(id));
  }

  /** With the answer's id as the key: if a page is left before the prompt was accepted, the next one may ask again. */
  #generate(idempotencyKey: string): Generation {
    const { chatId, model } = this.#options;
    return this.#client.generate({ chatId, prompt: this.#prompt, idempotencyKey, ...(model && { model }) });
  }

  #has(generationId: string | null): boolean {
    return this.#state.messages.some((message) => message.generationId === generationId);
  }

  #add(id: string, generation: Generation): void {
    const answer: ChatMessage = {
      id,
      role: "assistant",
      text: "",
      status: "queued",
      generationId: generation.id,
    };
    this.#set({ messages: [...this.#state.messages, answer] });
    void this.#show(id, generation);
  }

  async #show(id: string, generation: Generation): Promise<void> {
    this.#running.set(id, generation);
    this.#set({ error: null });
    generation.accepted.then((generationId) => this.#change(id, { generationId })).catch(() => {});
    let error: FrameStreamError | null = null;
    try {
      const texts = this.#options.smooth === false ? generation : smoothly(generation);
      for await (const text of texts)
        this.#change(id, { text, status: generation.hasEnded ? "streaming" : generation.status });
    } catch (thrown) {
      error = thrown as FrameStreamError;
    }
    this.#running.delete(id);
    this.#change(id, { text: generation.text, status: generation.status });
    this.#set(error ? { error } : {});
  }

  #change(id: string, change: Partial<ChatMessage>): void {
    const messages = this.#state.messages.map((message) =>
      message.id === id ? { ...message, ...change } : message,
    );
    this.#set({ messages });
  }

  #set(change: Partial<ConversationState>): void {
    const next = { ...this.#state, ...change };
    this.#state = { ...next, status: this.#status(next) };
    for (const watcher of this.#watchers) watcher();
  }

  #status({ messages, error }: ConversationState): ConversationState["status"] {
    const running = messages.filter(({ id }) => this.#running.has(id));
    if (running.some(({ text }) => text)) return "streaming";
    if (running.length) return "submitted";
    return error ? "error" : "ready";
  }
}
