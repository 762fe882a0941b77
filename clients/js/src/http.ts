/** The calls of the HTTP API, and every way in which they fail as a `FrameStreamError`. */

import { FATAL_PROMPT_CODES, INVALID_TOKEN, retryPolicyOf } from "./codes.ts";
import type { Environment } from "./environment.ts";
import { FrameStreamError, reasonOf, type ErrorDetails } from "./errors.ts";
import type { Accepted, Cancelling, GenerationState, ProblemDetails, TicketIssued } from "./wire.ts";
import type { ResponseFormat } from "./messages.ts";
import { userOf, type Tokens } from "./tokens.ts";
import { within } from "./within.ts";

/** What happens to a prompt while its chat has a running answer. */
export type OnBusy = "reject" | "queue" | "interrupt";

export interface Regeneration {
  model?: string | undefined;
  /** `reject` unless set: the error's code is `busy`, and its `generationId` names the running answer. */
  onBusy?: OnBusy | undefined;
}

/** What a question is asked with, beside its words. */
export interface Enclosed {
  /** The form in which the answer is wanted: JSON, of any kind or under a schema. Any text unless set. */
  responseFormat?: ResponseFormat | undefined;
  /** The ids that `attach` gave for the same chat. */
  attachments?: readonly string[] | undefined;
}

export interface Prompt extends Regeneration, Enclosed {
  chatId: string;
  prompt: string;
  /** The answer that the prompt follows; `root` to begin the chat anew; unless set, the answer that ended last. */
  parentId?: string | undefined;
  /** If `parentId` is not the last answer any more: `fork` (unless set) or `reject`, with the code `stale_parent`. */
  onStale?: "fork" | "reject" | undefined;
}

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

export interface Http {
  /** Any call that has no method of its own here; `content` is its body. */
  call<T>(method: Method, path: string, field: string, content?: object): Promise<T>;
  ticket(options: { freshToken: boolean }): Promise<TicketIssued>;
  /** Once `signal` is aborted, nothing is sent any more; a request under way is completed. */
  submit(prompt: Prompt, key: string, signal?: AbortSignal): Promise<Accepted>;
  regenerate(id: string, options: Regeneration, key: string, signal?: AbortSignal): Promise<Accepted>;
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
  /** Sent as JSON. */
  content?: object | undefined;
  /** With a key the content names the token's user. */
  key?: string;
  signal?: AbortSignal | undefined;
  /** A field that the server's response has; without it, the response is another server's. */
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
    { content, key, signal, field }: Request,
  ): Promise<unknown> {
    const body = content
      ? JSON.stringify(key ? { user_id: userId ?? userOf(token), ...content } : content)
      : null;
    if (signal?.aborted) throw new FrameStreamError("It was not sent.", "cancelled");
    const headers = {
      authorization: `Bearer ${token}`,
      ...(origin && { origin }),
      ...(content && { "content-type": "application/json" }),
      ...(key && { "idempotency-key": key }),
    };
    let response: Response;
    let answer: Record<string, unknown> | null;
    try {
      [response, answer] = await within(requestTimeout, clock, async (signal) => {
        const response = await fetch(base + path, { method, headers, body, signal });
        return [response, await response.json().catch(noJson)] as const;
      });
    } catch (cause) {
      throw unreachable(`the server does not answer (${reasonOf(cause)})`, { cause });
    }
    if (!response.ok) throw problem(response, answer);
    if (answer?.[field] !== undefined) return answer;
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
    call: (method, path, field, content) => call(method, path, { field, content }),
    ticket: ({ freshToken }) =>
      call("POST", "connection-tickets", { fresh: freshToken, field: "websocket_url" }),
    submit({ chatId, prompt, model, parentId, onBusy, onStale, responseFormat, attachments }, key, signal) {
      const names = { chat_id: chatId, prompt, model, parent_id: parentId };
      const enclosed = { response_format: responseFormat, attachments };
      const content = { ...names, on_busy: onBusy, on_stale: onStale, ...enclosed };
      return call("POST", "generate-response", { content, key, signal, field: "generation_id" });
    },
    regenerate(id, { model, onBusy }, key, signal) {
      const content = { model, on_busy: onBusy };
      return call("POST", `${path(id)}/regenerate`, { content, key, signal, field: "generation_id" });
    },
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
  const isRetried = !FATAL_PROMPT_CODES.includes(code) && retryPolicyOf(status) !== "never";
  const { generation_id: generationId, chat_version: chatVersion, resets_at, limit } = body ?? {};
  return new FrameStreamError(detail + fields, code, isRetried, {
    status,
    retryAfter: milliseconds(body?.retry_after ?? headers.get("retry-after")),
    errors,
    ...{ generationId, chatVersion, limit },
    resetsAt: Date.parse(resets_at ?? "") || undefined,
  });
}

/** `Retry-After` is a number of seconds, or a date. */
function milliseconds(retryAfter: number | string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = Number(retryAfter);
  const ms = Number.isNaN(seconds) ? Date.parse(String(retryAfter)) - Date.now() : seconds * 1000;
  return ms > 0 ? ms : undefined;
}
