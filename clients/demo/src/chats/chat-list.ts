/** The user's chats as a store: read once per connection, and then changed by what the server tells. */

import {
  FrameStreamError,
  type Chat,
  type ChatEvent,
  type FrameStreamClient,
  type Message,
} from "framestream";

export interface ChatListState {
  /** The one that changed last first. */
  chats: readonly Chat[];
  /** There are more. */
  hasMore: boolean;
  status: "loading" | "ready" | "failed";
}

const PAGE = 30;
/** Milliseconds for which several changes are one reason to read. */
const TOGETHER = 300;

export class ChatList {
  #state: ChatListState = { chats: [], hasMore: false, status: "loading" };
  #watchers = new Set<() => void>();
  #next: string | null = null;
  /** Rises with each reading from the beginning; an older one counts no more. */
  #readings = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #client: FrameStreamClient;

  constructor(client: FrameStreamClient) {
    this.#client = client;
  }

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  readonly state = (): ChatListState => this.#state;

  /** Keep the list current until the returned function is called. */
  follow(): () => void {
    void this.refresh();
    const unlisten = this.#client.listen({
      onPhase: (phase) => phase === "open" && void this.refresh(),
      onMessage: (message) => this.#onMessage(message),
    });
    return () => {
      unlisten();
      if (this.#timer) clearTimeout(this.#timer);
      this.#timer = null;
    };
  }

  /** Read as many as there were. */
  async refresh(): Promise<void> {
    const reading = ++this.#readings;
    try {
      const limit = Math.max(PAGE, Math.min(this.#state.chats.length, 100));
      const { chats, next } = await this.#client.chats.list({ limit });
      if (reading !== this.#readings) return;
      this.#next = next;
      this.#set({ chats, hasMore: next !== null, status: "ready" });
    } catch {
      if (reading === this.#readings) this.#set({ status: "failed" });
    }
  }

  async more(): Promise<void> {
    if (this.#next === null) return;
    const reading = this.#readings;
    const { chats, next } = await this.#client.chats.list({ limit: PAGE, before: this.#next });
    if (reading !== this.#readings) return;
    const known = new Set(this.#state.chats.map(({ chat_id }) => chat_id));
    const others = chats.filter(({ chat_id }) => !known.has(chat_id));
    this.#next = next;
    this.#set({ chats: [...this.#state.chats, ...others], hasMore: next !== null });
  }

  /** Show the new title at once, and the old one again if the server does not take it. */
  async rename(chatId: string, title: string): Promise<void> {
    this.#change(chatId, { title });
    try {
      await this.#client.chats.rename(chatId, title);
    } catch (error) {
      void this.refresh();
      throw error;
    }
  }

  async delete(chatId: string): Promise<void> {
    try {
      await this.#client.chats.delete(chatId);
    } catch (error) {
      if ((error as FrameStreamError).status !== 404) throw error; // It is gone already.
    }
    this.#remove(chatId);
  }

  #onMessage(message: Message): void {
    if (message.type === "chat_message") this.#onEvent(message);
    else if (message.type === "llm_status" && message.chat_version !== undefined)
      this.#onEnd(message.chat_id);
  }

  #onEvent({ event, chat_id, title }: ChatEvent): void {
    if (event === "deleted") this.#remove(chat_id);
    else if (event === "title") this.#change(chat_id, { title: title ?? "" });
    else this.#refreshSoon();
  }

  #onEnd(chatId: string): void {
    this.#change(chatId, { running: null });
  }

  #refreshSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.refresh();
    }, TOGETHER);
  }

  #change(chatId: string, change: Partial<Chat>): void {
    const chats = this.#state.chats.map((chat) => (chat.chat_id === chatId ? { ...chat, ...change } : chat));
    this.#set({ chats });
  }

  #remove(chatId: string): void {
    this.#set({ chats: this.#state.chats.filter(({ chat_id }) => chat_id !== chatId) });
  }

  #set(change: Partial<ChatListState>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}
