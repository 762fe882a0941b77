/** The user's chats, as a page lists them: in step with what is asked, renamed and deleted on any device. */

import type { FrameStreamClient } from "./client.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Message } from "./messages.ts";
import { isEnd } from "./progress.ts";
import { Timers } from "./timers.ts";
import type { Chat, ChatEvent } from "./wire.ts";

export interface ChatListState {
  /** The one that changed last first. */
  readonly chats: readonly Chat[];
  readonly isLoaded: boolean;
  /** There are older ones: see `more`. */
  readonly hasMore: boolean;
  /** Why the list could not be read; a release of the server that records no chats has an empty one. */
  readonly error: FrameStreamError | null;
}

/** Milliseconds during which several reasons to read the list become one request. */
const TOGETHER = 250;

export class ChatList {
  #state: ChatListState = { chats: [], isLoaded: false, hasMore: false, error: null };
  #next: string | null = null;
  #isReading = false;
  readonly #subscribers = new Set<() => void>();
  readonly #timers: Timers;
  readonly #client: FrameStreamClient;
  readonly #limit: number | undefined;

  constructor(client: FrameStreamClient, { limit }: { limit?: number | undefined } = {}) {
    this.#client = client;
    this.#limit = limit;
    this.#timers = new Timers(client.environment.clock);
  }

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  };

  readonly state = (): ChatListState => this.#state;

  /** Show the list: the socket stays open until the returned function is called. */
  join(): () => void {
    const release = this.#client.hold();
    const stop = this.#client.listen({
      onPhase: (phase) => phase === "open" && this.#readSoon(),
      onMessage: (message) => this.#receive(message),
    });
    this.#readSoon();
    return () => {
      stop();
      release();
      this.#timers.stopAll();
    };
  }

  /** Read older chats. */
  readonly more = async (): Promise<void> => {
    if (!this.#next || this.#isReading) return;
    this.#isReading = true;
    try {
      const { chats, next } = await this.#client.chats.list({ limit: this.#limit, before: this.#next });
      this.#next = next;
      this.#set({ chats: ordered([...this.#state.chats, ...chats]), hasMore: next !== null });
    } finally {
      this.#isReading = false;
    }
  };

  #readSoon(): void {
    if (!this.#timers.has("read")) this.#timers.after("read", TOGETHER, () => void this.#read());
  }

  async #read(): Promise<void> {
    try {
      const { chats, next } = await this.#client.chats.list({ limit: this.#limit });
      const last = chats.at(-1);
      // What was read beyond this page stays.
      const older = next && last ? this.#state.chats.filter((chat) => isBefore(last, chat)) : [];
      if (!older.length) this.#next = next;
      this.#set({
        chats: ordered([...older, ...chats]),
        hasMore: this.#next !== null,
        isLoaded: true,
        error: null,
      });
    } catch (thrown) {
      const error = thrown as FrameStreamError;
      const isUnknown = error.status === 404 || error.status === 405;
      this.#set({ isLoaded: true, error: isUnknown ? null : error });
    }
  }

  #receive(message: Message): void {
    if (message.type === "chat_message") return this.#apply(message);
    if (message.type !== "llm_status" || !isEnd(message.status) || !message.chat_version) return;
    const { chat_version: version, timestamp, generation_id } = message;
    this.#change(message.chat_id, version, { updated_at: timestamp, running: null, leaf_id: generation_id });
  }

  #apply({ event, chat_id, version, timestamp, generation_id, title }: ChatEvent): void {
    const chat = this.#state.chats.find((each) => each.chat_id === chat_id);
    if (event === "deleted") {
      if (chat && version > chat.version)
        this.#set({ chats: this.#state.chats.filter((each) => each !== chat) });
    } else if (!chat) this.#readSoon();
    else {
      const isAsked = event === "prompt" || event === "regenerate";
      const change = { updated_at: timestamp, ...(event === "title" && { title: title ?? "" }) };
      this.#change(chat_id, version, { ...change, ...(isAsked && { running: generation_id }) });
    }
  }

  #change(chatId: string, version: number, change: Partial<Chat>): void {
    const chats = this.#state.chats.map((chat) =>
      chat.chat_id === chatId && version > chat.version ? { ...chat, ...change, version } : chat,
    );
    this.#set({ chats: ordered(chats) });
  }

  #set(change: Partial<ChatListState>): void {
    this.#state = { ...this.#state, ...change };
    for (const subscriber of this.#subscribers) subscriber();
  }
}

function isBefore(last: Chat, chat: Chat): boolean {
  return Date.parse(chat.updated_at) < Date.parse(last.updated_at);
}

/** Each chat once, as it was given last; the one that changed last first. */
function ordered(chats: readonly Chat[]): readonly Chat[] {
  const each = [...new Map(chats.map((chat) => [chat.chat_id, chat])).values()];
  return each.sort((one, other) => Date.parse(other.updated_at) - Date.parse(one.updated_at));
}
