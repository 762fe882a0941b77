/** A back end in this process: it answers a page's requests and sockets, as a test tells it to. */

import type { BrowserContext, Request, Route, WebSocketRoute } from "playwright-core";
import { now } from "./clock.ts";
import { FakeAnswers, type Script } from "./fake-answers.ts";
import { replyOf } from "./fake-api.ts";
import { FakeChats, USER } from "./fake-chats.ts";

const HTTP = "http://127.0.0.1:9";

export class FakeBackend {
  readonly socketUrl = "ws://127.0.0.1:9/socket";
  /** The models that a prompt may name. */
  models: string[] = ["otter-1"];
  /** The models that were asked. */
  readonly asked: (string | undefined)[] = [];
  usage: Partial<Record<"day" | "month", object>> = {};
  /** Answered with in place of the next prompts' acceptance. */
  readonly refusals: { status: number; body: object }[] = [];
  readonly answers = new FakeAnswers(
    (message) => this.#send(message),
    (...end) => this.chats.end(...end),
  );
  readonly chats = new FakeChats(
    (message) => this.#send(message),
    (chatId, id, prompt) => {
      this.answers.begin(chatId, id, prompt);
      this.#afterReply(() => this.answers.write(id));
    },
  );
  readonly #sockets = new Set<WebSocketRoute>();
  /** What is to be done once the prompt's sender knows its id. */
  readonly #later: (() => void)[] = [];
  #replying = 0;

  /** How answers are written. */
  get script(): Script {
    return this.answers.script;
  }

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
    this.answers.release();
  }

  /** Ask as another device of the user does. */
  askElsewhere(chatId: string, prompt: string): void {
    this.chats.ask({ chatId, prompt });
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

  #afterReply(write: () => void): void {
    if (this.#replying) this.#later.push(write);
    else setTimeout(write);
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const headers = {
      ...{ "access-control-allow-origin": "*", "access-control-allow-headers": "*" },
      "access-control-allow-methods": "*",
    };
    if (request.method() === "OPTIONS") return route.fulfill({ status: 204, headers });
    this.#replying++;
    await route.fulfill({ headers, ...this.#reply(request) });
    if (!--this.#replying) for (const write of this.#later.splice(0)) write();
  }

  #reply(request: Request): { status: number; json: object } {
    const { pathname, searchParams: query } = new URL(request.url());
    const path = pathname.replace("/api/chat/", "").split("/").map(decodeURIComponent);
    const isPrompt = path[0] === "generate-response" || path[2] === "regenerate";
    const refusal = isPrompt ? this.refusals.shift() : undefined;
    if (refusal) return { status: refusal.status, json: refusal.body };
    const content = (request.postData() ? request.postDataJSON() : {}) as Record<string, string>;
    const json = replyOf(this, { method: request.method(), path, query, content });
    const missing = { code: "not_found", detail: "There is no such thing." };
    return json ? { status: isPrompt ? 202 : 200, json } : { status: 404, json: missing };
  }
}

/** Nobody checks the signature here. */
function token(): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${part({ alg: "none" })}.${part({ sub: USER, exp })}.x`;
}
