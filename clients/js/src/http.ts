/** The calls of the HTTP API, and every way in which they fail as a `FrameStreamError`. */

import type { Environment } from "./environment.ts";
import { FrameStreamError } from "./errors.ts";
import type { Usage } from "./messages.ts";

export interface Ticket {
  ticket: string;
  expires_in: number;
  websocket_url: string;
}

export interface Prompt {
  chatId: string;
  prompt: string;
  model?: string | undefined;
}

/** A generation as the server has it now, with its text from `offset` on. */
export interface Snapshot {
  generation_id: string;
  user_id: string;
  chat_id: string;
  status: "queued" | "processing" | "completed" | "failed" | "cancelled";
  attempt: number;
  offset: number;
  text: string;
  /** Set by servers that give a long text in parts: there is more from `next_offset` on. */
  next_offset?: number;
  has_more?: boolean;
  length: number;
  model: string;
  finish_reason: string | null;
  usage: Usage | null;
  error: string | null;
  code: string | null;
  retryable: boolean | null;
  timestamp: string;
}

/** Gives the user's token; with `fresh`, one that was not given before, if there is such a one. */
export type GetToken = (wish: { fresh: boolean }) => string | Promise<string>;

export interface Http {
  ticket(wish: { freshToken: boolean }): Promise<Ticket>;
  submit(prompt: Prompt, key: string): Promise<{ generation_id: string }>;
  read(id: string, from: { offset: number; attempt: number }): Promise<Snapshot>;
  cancel(id: string): Promise<unknown>;
}

export interface HttpOptions {
  /** The stack's output HttpUrl. */
  httpUrl: string;
  getToken: GetToken;
  /** The user's id, if the token's claims `sub` and `user_id` do not say it. */
  userId?: string;
}

interface Request {
  fresh?: boolean;
  headers?: Record<string, string>;
  /** Made with the token, because a prompt names the token's user. */
  body?: (token: string) => string;
}

const PATIENCE = 20_000;

export function httpApi(
  { httpUrl, getToken, userId }: HttpOptions,
  { fetch }: Pick<Environment, "fetch">,
): Http {
  const base = `${httpUrl.replace(/\/+$/, "")}/api/chat/`;

  /** A token may have expired since the page got it, so a refused one is replaced once. */
  async function call<T>(
    method: string,
    path: string,
    { fresh = false, ...request }: Request = {},
  ): Promise<T> {
    try {
      return (await once(method, path, await tokenFrom(getToken, fresh), request)) as T;
    } catch (error) {
      if (fresh || (error as FrameStreamError).code !== 4001) throw error;
      return call(method, path, { ...request, fresh: true });
    }
  }

  async function once(
    method: string,
    path: string,
    token: string,
    { headers, body }: Request,
  ): Promise<unknown> {
    const response = await fetch(base + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      body: body?.(token) ?? null,
      cache: "no-store",
      signal: AbortSignal.timeout(PATIENCE),
    }).catch(unreachable);
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok) throw problem(response, answer);
    return answer ?? unreachable(); // Cut off, or not from our server: a hotel's log-in page, for example.
  }

  const path = (id: string) => `generations/${encodeURIComponent(id)}`;

  /** A text that is too long for one answer comes in parts; with a new attempt it starts again. */
  async function read(
    id: string,
    { offset, attempt }: { offset: number; attempt: number },
  ): Promise<Snapshot> {
    const query = `offset=${offset}${attempt ? `&attempt=${attempt}` : ""}`;
    const part = await call<Snapshot>("GET", `${path(id)}?${query}`);
    if (!part.has_more || part.next_offset === undefined) return part;
    const rest = await read(id, { offset: part.next_offset, attempt: part.attempt });
    const isSame = rest.attempt === part.attempt;
    return isSame ? { ...rest, offset: part.offset, text: part.text + rest.text } : rest;
  }

  return {
    ticket: ({ freshToken }) => call("POST", "connection-tickets", { fresh: freshToken }),
    submit: ({ chatId, prompt, model }, key) =>
      call("POST", "generate-response", {
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: (token) => JSON.stringify({ user_id: userId ?? userOf(token), chat_id: chatId, prompt, model }),
      }),
    read,
    cancel: (id) => call("POST", `${path(id)}/cancel`),
  };
}

async function tokenFrom(getToken: GetToken, fresh: boolean): Promise<string> {
  try {
    return await getToken({ fresh });
  } catch (error) {
    if (error instanceof FrameStreamError) throw error;
    throw new FrameStreamError((error as Error).message, "no_token", true);
  }
}

function unreachable(): never {
  throw new FrameStreamError("The server does not answer.", "unreachable", true);
}

function problem(response: Response, body: unknown): FrameStreamError {
  const { status } = response;
  const { code, detail } = (body ?? {}) as { code?: number | string; detail?: string };
  // The gateway's own answers have no code: 429 is the stage's limit, 5xx a fault. Both pass.
  const passes = code === 1013 || code === 4429 || (code === undefined && (status === 429 || status >= 500));
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds * 1000 : undefined;
  return new FrameStreamError(
    detail ?? `The server answered ${status}.`,
    code ?? `http_${status}`,
    passes,
    retryAfter,
  );
}

/** The user whom a token names. It is not checked here: the server does that. */
export function userOf(token: string): string {
  try {
    const part = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    const claims = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: string; user_id?: string };
    const user = claims.sub ?? claims.user_id;
    if (user) return user;
  } catch {
    // Fall through: a token that cannot be read names nobody.
  }
  throw new FrameStreamError("The token names no user; give the option userId.", 4001);
}
