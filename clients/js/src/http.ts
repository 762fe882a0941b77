/** The calls of the HTTP API, and every way in which they fail as a `FrameStreamError`. */

import { INVALID_TOKEN, retryPolicyOf } from "./codes.ts";
import type { Environment } from "./environment.ts";
import { FrameStreamError, reasonOf, type ErrorDetails } from "./errors.ts";
import type { Accepted, Cancelling, GenerationState, ProblemDetails, TicketIssued } from "./wire.ts";
import { userOf, type Tokens } from "./tokens.ts";
import { within } from "./within.ts";

export interface Prompt {
  chatId: string;
  prompt: string;
  model?: string | undefined;
}

export interface Http {
  ticket(options: { freshToken: boolean }): Promise<TicketIssued>;
  /** Once `signal` is aborted, nothing is sent any more; a request under way is completed. */
  submit(prompt: Prompt, key: string, signal?: AbortSignal): Promise<Accepted>;
  read(id: string, from: { offset: number; attempt: number }): Promise<GenerationState>;
  cancel(id: string): Promise<Cancelling>;
}

export interface HttpSettings {
  httpUrl: string;
  userId?: string | undefined;
  origin?: string | undefined;
  requestTimeout: number;
}

interface Request {
  fresh?: boolean;
  headers?: Record<string, string>;
  /** Made with the token, because a prompt names the token's user. */
  body?: (token: string) => string;
  signal?: AbortSignal | undefined;
  /** A text field that the server's response has; without it, the response is another server's. */
  field: string;
}

export function httpApi(
  { httpUrl, userId, origin, requestTimeout }: HttpSettings,
  tokens: Tokens,
  { fetch, clock }: Pick<Environment, "fetch" | "clock">,
): Http {
  const base = `${httpUrl.replace(/\/+$/, "")}/api/chat/`;
  const unreachable = (reason: string, details: ErrorDetails) =>
    new FrameStreamError(`${new URL(base).origin}: ${reason}.`, "unreachable", true, details);

  /** A token may have expired meanwhile, so a refused one is replaced once. */
  async function call<T>(method: string, path: string, request: Request): Promise<T> {
    const given = await tokens.get(request.fresh);
    try {
      return (await send(method, path, given.token, request)) as T;
    } catch (error) {
      if (request.fresh || (error as FrameStreamError).code !== INVALID_TOKEN) throw error;
      const { token } = await tokens.renew(given);
      return (await send(method, path, token, request)) as T;
    }
  }

  async function send(
    method: string,
    path: string,
    token: string,
    { headers, body, signal, field }: Request,
  ): Promise<unknown> {
    const content = body?.(token) ?? null;
    if (signal?.aborted) throw new FrameStreamError("It was not sent.", "cancelled");
    const head = { authorization: `Bearer ${token}`, ...(origin && { origin }), ...headers };
    let response: Response;
    let answer: Record<string, unknown> | null;
    try {
      [response, answer] = await within(requestTimeout, clock, async (signal) => {
        const response = await fetch(base + path, { method, headers: head, body: content, signal });
        return [response, await response.json().catch(noJson)] as const;
      });
    } catch (cause) {
      throw unreachable(`the server does not answer (${reasonOf(cause)})`, { cause });
    }
    if (!response.ok) throw problem(response, answer);
    if (typeof answer?.[field] === "string") return answer;
    // For example the log-in page of a hotel's network, or a wrong address.
    throw unreachable("something else than the server answered", { status: response.status });
  }

  const path = (id: string) => `generations/${encodeURIComponent(id)}`;

  /** A text that is too long for one response comes in parts; with a new attempt it starts again. */
  async function read(
    id: string,
    { offset, attempt }: { offset: number; attempt: number },
  ): Promise<GenerationState> {
    const query = `offset=${offset}${attempt ? `&attempt=${attempt}` : ""}`;
    const part = await call<GenerationState>("GET", `${path(id)}?${query}`, { field: "status" });
    if (!part.has_more) return part;
    const rest = await read(id, { offset: part.next_offset, attempt: part.attempt });
    const isSame = rest.attempt === part.attempt;
    return isSame ? { ...rest, offset: part.offset, text: part.text + rest.text } : rest;
  }

  return {
    ticket: ({ freshToken }) =>
      call("POST", "connection-tickets", { fresh: freshToken, field: "websocket_url" }),
    submit: ({ chatId, prompt, model }, key, signal) =>
      call("POST", "generate-response", {
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: (token) => JSON.stringify({ user_id: userId ?? userOf(token), chat_id: chatId, prompt, model }),
        signal,
        field: "generation_id",
      }),
    read,
    cancel: (id) => call("POST", `${path(id)}/cancel`, { field: "status" }),
  };
}

/** A body that is not JSON is none; one that breaks off is an error. */
function noJson(error: Error): null {
  if (error.name === "SyntaxError") return null;
  throw error;
}

function problem({ status, headers }: Response, body: Partial<ProblemDetails> | null): FrameStreamError {
  const { code = `http_${status}`, detail = `The server answered ${status}.`, errors = [] } = body ?? {};
  const fields = errors.map(({ field, message }) => ` ${field}: ${message}.`).join("");
  return new FrameStreamError(detail + fields, code, retryPolicyOf(status) !== "never", {
    status,
    retryAfter: milliseconds(body?.retry_after ?? headers.get("retry-after")),
    errors,
  });
}

/** `Retry-After` is a number of seconds, or a date. */
function milliseconds(retryAfter: number | string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(String(retryAfter)) - Date.now() : seconds * 1000;
  return ms > 0 ? ms : undefined;
}
