/** The calls about chats: their list, messages, titles and waiting prompts, and what the user has used. */

import type { FrameStreamError } from "./errors.ts";
import type { Http, Method } from "./http.ts";
import { retry, type RetryEnvironment } from "./retry.ts";
import type {
  Chat,
  ChatDeleted,
  ChatMessages,
  ChatQueueChanged,
  Chats as ChatList,
  UserUsage,
} from "./wire.ts";

export interface ListOptions {
  /** How many chats at most; the server's own number unless set. */
  limit?: number | undefined;
  /** The `next` of the list before. */
  before?: string | undefined;
}

export interface MessagesOptions {
  /** Only what changed since this version of the chat; 0 unless set, which is everything. */
  since?: number | undefined;
  /** Only the messages on the path to this one. */
  leaf?: string | undefined;
  /** How many messages at most; the server's own number unless set. */
  limit?: number | undefined;
}

/** All calls are repeated while their failure may pass, until the client is closed. */
export class Chats {
  readonly #http: Http;
  readonly #environment: RetryEnvironment;
  readonly #session: () => AbortSignal;

  /** @internal */
  constructor(http: Http, environment: RetryEnvironment, session: () => AbortSignal) {
    this.#http = http;
    this.#environment = environment;
    this.#session = session;
  }

  /** The user's chats, the one that changed last first. */
  list({ limit, before }: ListOptions = {}): Promise<ChatList> {
    return this.#call("GET", `chats${query({ limit, before })}`, "chats");
  }

  /** Messages of all branches, the oldest first; with `has_more` there are more since `next_since`. */
  messages(chatId: string, { since, leaf, limit }: MessagesOptions = {}): Promise<ChatMessages> {
    return this.#call("GET", `${path(chatId)}/messages${query({ since, leaf, limit })}`, "messages");
  }

  /**
   * The same without repetition.
   * @internal
   */
  read(chatId: string, since: number): Promise<ChatMessages> {
    return this.#http.call(
      "GET",
      `${path(chatId)}/messages${query({ since: since || undefined })}`,
      "messages",
    );
  }

  rename(chatId: string, title: string): Promise<Chat> {
    return this.#call("PATCH", path(chatId), "chat_id", { title });
  }

  /** Delete a chat with its questions and answers. What is running in it is cancelled. */
  async delete(chatId: string): Promise<void> {
    let attempts = 0;
    const once = () => {
      attempts++;
      return this.#http.call<ChatDeleted>("DELETE", path(chatId), "chat_id");
    };
    try {
      await retry(once, this.#environment, { signal: this.#session() });
    } catch (error) {
      // The reply to an earlier attempt was lost.
      if (attempts === 1 || (error as FrameStreamError).status !== 404) throw error;
    }
  }

  /** What the user has used today and this month, and the limits. */
  usage(): Promise<UserUsage> {
    return this.#call("GET", "usage", "day");
  }

  /** The prompts that wait in a chat. A prompt that does not wait any more is `not_found`. */
  readonly queue = {
    edit: (chatId: string, generationId: string, prompt: string): Promise<ChatQueueChanged> =>
      this.#call("PATCH", queuePath(chatId, generationId), "waiting", { prompt }),
    remove: (chatId: string, generationId: string): Promise<ChatQueueChanged> =>
      this.#call("DELETE", queuePath(chatId, generationId), "waiting"),
    /** Go on after a stop, which pauses the queue. */
    resume: (chatId: string): Promise<ChatQueueChanged> =>
      this.#call("POST", queuePath(chatId, "resume"), "waiting", {}),
  };

  #call<T>(method: Method, path: string, field: string, content?: object): Promise<T> {
    const call = () => this.#http.call<T>(method, path, field, content);
    return retry(call, this.#environment, { signal: this.#session() });
  }
}

function path(chatId: string): string {
  return `chats/${encodeURIComponent(chatId)}`;
}

function queuePath(chatId: string, name: string): string {
  return `${path(chatId)}/queue/${encodeURIComponent(name)}`;
}

function query(values: Record<string, string | number | undefined>): string {
  const set = Object.entries(values).filter(([, value]) => value !== undefined);
  return set.length ? `?${new URLSearchParams(set as [string, string][])}` : "";
}
