/** A back end in this process: it answers a page's requests and sockets, as a test tells it to. */

import type { BrowserContext, Route, WebSocketRoute } from "playwright-core";
import type { StoredPart, UserUsage } from "framestream";
import { now } from "./clock.ts";
import { FakeChats, USER } from "./fake-chats.ts";

const HTTP = "http://127.0.0.1:9";
const SOCKET = "ws://127.0.0.1:9/socket";

interface Writing {
  chatId: string;
  prompt: string;
  text: string;
  status: string;
  frames: object[];
  /** Beside the text. */
  parts: StoredPart[];
}

/** How an answer is written. */
export interface Script {
  /** What it says to a prompt. */
  text(prompt: string): string;
  /** What it reasons before, and what it relies on: both are told with the first piece. */
  reasoning: string;
  sources: object[];
  /** Pieces that are written at once; the rest follows when `release` is called. */
  pieces: number;
  /** A prompt that matches fails, with this code. */
  failing: [RegExp, string] | null;
}

export class FakeBackend {
  readonly script: Script = {
    text: (prompt) => `You asked: ${prompt}`,
    ...{ reasoning: "", sources: [], pieces: Infinity, failing: null },
  };
  /** The models that a prompt may name. */
  models: string[] = ["otter-1"];
  /** The models that were asked. */
  readonly asked: (string | undefined)[] = [];
  usage: Partial<Record<"day" | "month", object>> = {};
  /** Answered with in place of the next prompts' acceptance. */
  readonly refusals: { status: number; body: object }[] = [];
  readonly #sockets = new Set<WebSocketRoute>();
  readonly #writings = new Map<string, Writing>();
  readonly chats = new FakeChats(
    (message) => this.#send(message),
    (...prompt) => this.#write(...prompt),
  );

  async connect(context: BrowserContext): Promise<void> {
    await context.route("**/framestream.json", (route) => route.fulfill({ json: { httpUrl: HTTP } }));
    await context.route("**/token", (route) => route.fulfill({ json: { token: token() } }));
    await context.route(`${HTTP}/**`, (route) => this.#answer(route));
    await context.routeWebSocket(/:9\/socket/, (socket) => {
      socket.onMessage((data) => this.#heard(socket, String(data)));
      socket.onClose(() => void this.#sockets.delete(socket));
    });
  }

  /** Write what is left of the answers. */
  release(): void {
    this.script.pieces = Infinity;
    for (const id of this.#writings.keys()) this.#finish(id);
  }

  /** Ask as another device of the user does. */
  askElsewhere(chatId: string, prompt: string): void {
    this.chats.ask({ chatId, prompt });
  }

  #write(chatId: string, id: string, prompt: string): void {
    this.#writings.set(id, { chatId, prompt, text: "", status: "processing", frames: [], parts: [] });
    // After the reply that tells the prompt's id.
    setTimeout(() => {
      const pieces = this.#piecesOf(id);
      this.#status(id, "started");
      const { reasoning, sources } = this.script;
      if (reasoning) this.#part(id, "reasoning", reasoning);
      if (this.script.pieces) this.#status(id, "streaming");
      for (const piece of pieces.slice(0, this.script.pieces)) this.#append(id, piece);
      for (const source of sources) this.#part(id, "source", JSON.stringify(source));
      if (this.script.pieces >= pieces.length) this.#finish(id);
    }, 20);
  }

  #piecesOf(id: string): string[] {
    return this.script.text(this.#writings.get(id)!.prompt).match(/[^\n ]*\s?/g) ?? [];
  }

  #append(id: string, delta: string): void {
    const writing = this.#writings.get(id)!;
    if (writing.status !== "processing" || !delta) return;
    const offset = [...writing.text].length;
    writing.text += delta;
    const frame = { status: "streaming", delta, offset, progress: "indeterminate" };
    this.#say(id, { type: "llm_frame", frame });
  }

  #part(id: string, kind: StoredPart["kind"], text: string): void {
    const writing = this.#writings.get(id)!;
    const text_offset = [...writing.text].length;
    const last = writing.parts.at(-1) ?? { index: -1, text_offset: 0 };
    const index = last.index + (text_offset > last.text_offset ? 2 : 1);
    writing.parts.push({ index, kind, text_offset, text });
    this.#say(id, { type: "llm_part", part: { index, kind, delta: text, offset: 0, text_offset } });
  }

  #finish(id: string): void {
    const writing = this.#writings.get(id)!;
    if (writing.status !== "processing") return;
    const [pattern, code] = this.script.failing ?? [];
    if (pattern?.test(writing.prompt)) return this.#fail(id, code!);
    this.#append(id, this.script.text(writing.prompt).slice(writing.text.length));
    const usage = { prompt_tokens: 1200, completion_tokens: 480, total_tokens: 1680 };
    const facts = { finish_reason: "stop", usage, cost: 2140, context: null };
    const names = { event: "response_generated", user_id: USER, chat_id: writing.chatId, generation_id: id };
    const length = [...writing.text].length;
    const data = { ...names, response: writing.text, model: "otter-1", ...facts, length, timestamp: now() };
    this.#say(id, { type: "llm_response", data });
    this.#end(id, "completed", facts);
  }

  #fail(id: string, code: string): void {
    const failure = { error: "It failed.", code, retryable: true } as const;
    this.#say(id, { type: "llm_error", ...failure });
    this.#end(id, "failed", failure);
  }

  #end(id: string, status: "completed" | "failed" | "cancelled", facts: object = {}): void {
    const writing = this.#writings.get(id);
    if (!writing) return; // It waited, and was stopped before its turn.
    writing.status = status;
    const { text, chatId, parts } = writing;
    const more = { ...facts, ...(parts.length && { has_parts: true as const }) };
    const chat_version = this.chats.end(chatId, id, { status, text, ...more });
    this.#status(id, status, { chat_version });
  }

  #status(id: string, status: string, more: object = {}): void {
    this.#say(id, { type: "llm_status", status, message: `It is ${status}.`, ...more });
  }

  #say(id: string, content: object): void {
    const writing = this.#writings.get(id)!;
    const about = { user_id: USER, chat_id: writing.chatId, generation_id: id, attempt: 1, timestamp: now() };
    const message = { ...content, ...about };
    writing.frames.push(message);
    this.#send(message);
  }

  #send(message: object): void {
    for (const socket of this.#sockets) socket.send(JSON.stringify(message));
  }

  #heard(socket: WebSocketRoute, data: string): void {
    const { type } = JSON.parse(data) as { type: string };
    const expires_at = new Date(Date.now() + 7_200_000).toISOString();
    const hello = { type: "system", status: "connected", message: "Connected.", connection_id: "c" };
    const timestamp = now();
    const reply = type === "heartbeat" ? { ...hello, expires_at, timestamp } : { type: "pong", timestamp };
    socket.send(JSON.stringify(reply));
    this.#sockets.add(socket);
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const headers = {
      ...{ "access-control-allow-origin": "*", "access-control-allow-headers": "*" },
      "access-control-allow-methods": "*",
    };
    if (request.method() === "OPTIONS") return route.fulfill({ status: 204, headers });
    const { pathname, searchParams } = new URL(request.url());
    const path = pathname.replace("/api/chat/", "").split("/").map(decodeURIComponent);
    const content = (request.postData() ? request.postDataJSON() : {}) as Record<string, string>;
    const isPrompt = path[0] === "generate-response" || path[2] === "regenerate";
    const refusal = isPrompt ? this.refusals.shift() : undefined;
    const json = refusal ? refusal.body : this.#reply(request.method(), path, searchParams, content);
    const missing = { code: "not_found", detail: "There is no such thing." };
    const status = refusal?.status ?? (json ? (isPrompt ? 202 : 200) : 404);
    await route.fulfill({ status, headers, json: json ?? missing });
  }

  #reply(
    method: string,
    [what, id = "", more, last = ""]: string[],
    query: URLSearchParams,
    content: Record<string, string>,
  ): object | null {
    switch (`${method} ${what}${id && "/*"}${more ? `/${more}` : ""}`) {
      case "POST connection-tickets":
        return { ticket: "t", expires_in: 60, websocket_url: SOCKET };
      case "POST generate-response": {
        const { chat_id, prompt, parent_id, model } = content as Record<string, string | undefined>;
        this.asked.push(model);
        return this.chats.ask({ chatId: chat_id!, prompt: prompt!, parentId: parent_id });
      }
      case "POST generations/*/regenerate":
        return this.chats.regenerate(id);
      case "POST generations/*/cancel":
        this.chats.leave(id);
        this.#end(id, "cancelled");
        return { ...this.#state(id), status: "cancelled" };
      case "GET generations/*":
        return this.#state(id);
      case "GET chats":
        return { user_id: USER, chats: this.chats.list(), next: null, timestamp: now() };
      case "GET chats/*/messages":
        return this.chats.messages(id, Number(query.get("since") ?? 0));
      case "PATCH chats/*":
        return this.chats.rename(id, content.title!);
      case "DELETE chats/*":
        return this.chats.delete(id);
      case "POST chats/*/queue":
        return this.chats.changeQueue(id, "", "resume");
      case "PATCH chats/*/queue":
        return this.chats.changeQueue(id, last, { prompt: content.prompt! });
      case "DELETE chats/*/queue":
        return this.chats.changeQueue(id, last, "remove");
      case "GET models":
        return { models: this.models.map((name) => ({ name })), default: this.models[0], timestamp: now() };
      case "GET usage":
        return this.#usage();
      default:
        return null;
    }
  }

  #state(id: string): object | null {
    const writing = this.#writings.get(id);
    if (!writing) return null;
    const { chatId, text, status, parts } = writing;
    const length = [...text].length;
    const names = { generation_id: id, user_id: USER, chat_id: chatId, model: "otter-1", attempt: 1 };
    const none = { finish_reason: null, usage: null, error: null, code: null, retryable: null };
    const part = { text, offset: 0, next_offset: length, length, has_more: false };
    return {
      ...names,
      ...none,
      ...part,
      ...(parts.length && { parts }),
      status,
      created_at: now(),
      timestamp: now(),
    };
  }

  #usage(): UserUsage {
    const none = { used_tokens: 0, held_tokens: 0, limit_tokens: null };
    const free = { used_cost: 0, held_cost: 0, limit_cost: null, is_warned: false };
    const resets_at = new Date(Date.now() + 3_600_000).toISOString();
    const period = (name: "day" | "month") => ({
      ...{ period: "2026-11-27", ...none, ...free, resets_at },
      ...this.usage[name],
    });
    return { user_id: USER, day: period("day"), month: period("month"), timestamp: now() };
  }
}

/** Nobody checks the signature here. */
function token(): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${part({ alg: "none" })}.${part({ sub: USER, exp })}.x`;
}
