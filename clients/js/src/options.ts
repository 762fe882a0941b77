/** The options of the client and of its calls, their defaults, and their validation. */

import type { Environment, SocketConstructor } from "./environment.ts";
import { FrameStreamError } from "./errors.ts";
import type { Prompt, Regeneration } from "./http.ts";
import type { Listener } from "./listeners.ts";
import type { Reconnect } from "./retry.ts";
import type { GetToken } from "./tokens.ts";

export interface Settings {
  /** The stack's output `HttpUrl`: scheme and host, without a path of the API. Required. */
  httpUrl: string;
  /**
   * Returns the user's token, or a promise of it. With `fresh: true` the previous one was refused or expires soon: return
   * a new one. It is called once at a time, and again after a failure. Required.
   */
  getToken: GetToken;
  /** The user's id. Unless set, the token's claim `sub` or `user_id`. */
  userId?: string;
  /**
   * The `Origin` that is sent outside of browsers (they send their own): one that the deployment allows, such as
   * `https://app.example.com`. Unless set, none is sent, and sockets are refused where the deployment does not allow
   * a missing one.
   */
  origin?: string;
  /** The class of sockets; unless set, the global `WebSocket`. Node before 22 has none: use that of `ws`. */
  WebSocket?: SocketConstructor;
  /** Pauses after failures. Each part is in milliseconds and has a default of its own. */
  reconnect?: Partial<Reconnect>;
  /** Milliseconds of silence on a socket, after which a ping is sent. 540,000 unless set: the gateway closes after ten minutes. */
  heartbeat?: number;
  /** Milliseconds for the answer to a ping or a handshake, before the socket is replaced. 10,000 unless set. */
  patience?: number;
  /** Milliseconds without a message about an unfinished answer, on an open socket, before it is fetched. 10,000 unless set. */
  stallTimeout?: number;
  /** Milliseconds between fetches of an unfinished answer while there is no socket. 2,500 unless set. */
  pollInterval?: number;
  /** Milliseconds for one HTTP call, before it is repeated. 30,000 unless set: as long as the gateway waits. */
  requestTimeout?: number;
  /** Milliseconds for `getToken`, before it is called again. 10,000 unless set. */
  tokenTimeout?: number;
  /** Replaces parts of the environment, in tests for example. */
  environment?: Partial<Environment>;
}

export interface ClientOptions extends Settings, Listener {}

export interface GenerateOptions extends Prompt, SubmissionOptions {}

export interface RegenerateOptions extends Regeneration, SubmissionOptions {
  /** The chat of the answer; an application that shows several tells them apart by it. */
  chatId?: string | undefined;
}

export interface SubmissionOptions {
  /** The same key is the same generation, also after a reload; without one, each call is a new one. */
  idempotencyKey?: string | undefined;
  /** Aborting it cancels the generation; before the server accepted it, nothing is sent any more. */
  signal?: AbortSignal | undefined;
}

export interface FollowOptions {
  chatId?: string;
  signal?: AbortSignal;
  /** It begins right now, so the socket brings all of it; otherwise what there is of it is fetched. */
  isNew?: boolean;
}

export const RECONNECT: Reconnect = {
  ...{ base: 500, cap: 30_000, idleCap: 60_000 },
  ...{ pauseWhenFull: 15_000, longestRetryAfter: 60_000 },
};

export const DEFAULTS = {
  ...{ heartbeat: 540_000, patience: 10_000, stallTimeout: 10_000 },
  ...{ pollInterval: 2_500, requestTimeout: 30_000, tokenTimeout: 10_000 },
};

/** Throw a clear error for a wrong option at construction, not at the first call. */
export function check({ httpUrl, getToken }: Settings): void {
  const problem = problemWith(httpUrl);
  if (problem) {
    const example = "https://abc123.execute-api.eu-central-1.amazonaws.com";
    throw bad(`The option httpUrl ${problem}: give the stack's output HttpUrl, such as ${example}.`);
  }
  if (typeof getToken !== "function") {
    throw bad(
      "The option getToken is missing: give a function that returns the user's token, or a promise of it.",
    );
  }
}

/** The options without undefined ones, which would hide their defaults. */
export function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function problemWith(httpUrl: unknown): string | null {
  if (typeof httpUrl !== "string" || !httpUrl.trim()) return "is missing";
  let url: URL;
  try {
    url = new URL(httpUrl);
  } catch {
    return `is no absolute URL ("${httpUrl}")`;
  }
  if (!/^https?:$/.test(url.protocol)) return `does not begin with https:// or http:// ("${httpUrl}")`;
  if (/\/api\/chat(\/|$)/.test(url.pathname)) return `must not contain /api/chat ("${httpUrl}")`;
  return url.search || url.hash ? `has a query or a fragment ("${httpUrl}")` : null;
}

function bad(message: string): FrameStreamError {
  return new FrameStreamError(message, "bad_option");
}
