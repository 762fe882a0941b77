/** A fake server in this process: a test writes its answers and breaks its sockets. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import type { GenerationState, StoredPart, TextPart, TicketIssued } from "../../src/wire.ts";
import type { Frame, Status } from "../../src/messages.ts";

export interface Refusal {
  status: number;
  code?: number | string;
  retryAfter?: number;
  /** Further fields of the body. */
  more?: object;
  /** A whole body in place of a problem. */
  text?: string;
}

interface Answer extends GenerationState {
  told: object[];
  /** The parts beside the text. */
  beside: StoredPart[];
}

const points = (text: string) => [...text].length;

export class FakeServer {
  readonly sockets = new Set<WebSocket>();
  readonly answers = new Map<string, Answer>();
  readonly requests: {
    method: string;
    path: string;
    key: string | undefined;
    token: string;
    body: unknown;
  }[] = [];
  readonly heard: string[] = [];
  /** Refusals of the next ticket calls, first one first. */
  readonly refusals: Refusal[] = [];
  /** Refusals of the next prompts, and of the next reads of a generation. */
  readonly promptRefusals: Refusal[] = [];
  readonly readRefusals: Refusal[] = [];
  /** Refusals of the next forms, and of the next uploads. */
  readonly offerRefusals: Refusal[] = [];
  readonly uploadRefusals: Refusal[] = [];
  /** What the bucket has: the forms, as they came. */
  readonly uploads: { fields: Record<string, string>; name: string; type: string; content: string }[] = [];
  /** Called when an upload comes, before it is answered. */
  onUpload: () => void | Promise<void> = () => {};
  /** An outage: every request and every handshake is cut off. */
  isAway = false;
  /** Milliseconds that the acceptance of a prompt takes to get back. */
  replyAfter = 0;
  /** The only Origin from which sockets are accepted; any, if it is null. */
  origin: string | null = null;
  /** How many of the next prompts are accepted with their responses lost. */
  lostReplies = 0;
  /** Code points of text that one answer carries at most. */
  page = Infinity;
  /** Seconds that a socket lives, as told to the client. */
  lifetime = 7200;
  /** A silent server accepts sockets and answers nothing on them. */
  silent = false;
  /** While set, unfinished answers are repeated on a new socket. */
  retells = true;
  /** Whether reasoning can be read later. */
  keepsReasoning = true;
  tickets = 0;
  offers = 0;
  onPrompt: (id: string) => void = () => {};
  readonly #http: Server;
  readonly #ws: WebSocketServer;
  readonly #keys = new Map<string, string>();

  private constructor() {
    this.#http = createServer((request, response) => void this.#reply(request, response));
    const verifyClient = ({ origin }: { origin: string }) =>
      !this.isAway && (this.origin === null || origin === this.origin);
    this.#ws = new WebSocketServer({ server: this.#http, verifyClient });
    this.#ws.on("connection", (socket) => this.#welcome(socket));
  }

  static async start(): Promise<FakeServer> {
    const server = new FakeServer();
    await new Promise<void>((resolve) => server.#http.listen(0, "127.0.0.1", resolve));
    return server;
  }

  async stop(): Promise<void> {
    for (const socket of this.#ws.clients) socket.terminate();
    this.#ws.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  /** Begin an attempt, as the worker does. */
  begin(id: string): void {
    const answer = this.answers.get(id)!;
    answer.attempt++;
    answer.status = "processing";
    Object.assign(answer, { text: "", length: 0, told: [], beside: [] });
    for (const status of ["started", "processing", "thinking"] as const) this.#status(answer, status);
    this.#say(answer, {
      type: "llm_frame",
      frame: { status: "thinking", message: "Thinking …", progress: "indeterminate" },
    });
  }

  write(id: string, delta: string): void {
    const answer = this.answers.get(id)!;
    if (!answer.text) this.#status(answer, "streaming");
    const frame: Frame = {
      status: "streaming",
      delta,
      offset: points(answer.text),
      progress: "indeterminate",
    };
    answer.text += delta;
    answer.length = points(answer.text);
    this.#say(answer, { type: "llm_frame", frame });
  }

  /** Write a part beside the text: reasoning grows until something else is written, a document is a part of its own. */
  writePart(id: string, kind: StoredPart["kind"], content: string | object): void {
    const answer = this.answers.get(id)!;
    const delta = typeof content === "string" ? content : JSON.stringify(content);
    const last = answer.beside.at(-1);
    const text_offset = points(answer.text);
    const grows = kind === "reasoning" && last?.kind === kind && last.text_offset === text_offset;
    if (!grows) {
      const index = last ? last.index + (text_offset > last.text_offset ? 2 : 1) : text_offset ? 1 : 0;
      answer.beside.push({ index, kind, text_offset, text: "" });
    }
    const part = answer.beside.at(-1)!;
    const { index, text } = part;
    part.text = text + delta;
    const piece = { index, kind, delta, offset: points(text!), text_offset };
    this.#say(answer, { type: "llm_part", part: piece });
  }

  complete(id: string, { tooLong = false } = {}): void {
    const answer = this.answers.get(id)!;
    const { user_id, chat_id, generation_id, text, length, model, timestamp } = answer;
    Object.assign(answer, { status: "completed", finish_reason: "stop" });
    const response = tooLong ? null : text;
    const names = { event: "response_generated", user_id, chat_id, generation_id };
    const data = { ...names, response, model, finish_reason: "stop", usage: null, length, timestamp };
    this.#say(answer, { type: "llm_response", data });
    this.#status(answer, "completed");
  }

  fail(id: string): void {
    const answer = this.answers.get(id)!;
    const failure = { error: "The model does not answer.", code: "llm_unavailable", retryable: true };
    Object.assign(answer, { status: "failed", ...failure });
    this.#say(answer, { type: "llm_error", ...failure });
    this.#status(answer, "failed");
  }

  /** Close all connections, and accept none. */
  goAway(): void {
    this.isAway = true;
    this.drop();
    this.#http.closeAllConnections();
  }

  comeBack(): void {
    this.isAway = false;
  }

  prompts(): (string | undefined)[] {
    return this.requests.filter(({ path }) => path.endsWith("generate-response")).map(({ key }) => key);
  }

  drop(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  send(message: object | string): void {
    for (const socket of this.sockets)
      socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  #status(answer: Answer, status: Status): void {
    this.#say(answer, { type: "llm_status", status, message: `It is ${status}.` });
  }

  #say(answer: Answer, content: object): void {
    const { user_id, chat_id, generation_id, attempt, timestamp } = answer;
    const message = { ...content, user_id, chat_id, generation_id, attempt, timestamp };
    answer.told.push(message);
    this.send(message);
  }

  #welcome(socket: WebSocket): void {
    let first = true;
    socket.on("message", (data) => {
      const { type } = JSON.parse(String(data)) as { type: string };
      this.heard.push(type);
      if (this.silent) return;
      const now = Date.now();
      const timestamp = new Date(now).toISOString();
      const expires_at = new Date(now + this.lifetime * 1000).toISOString();
      const connected = {
        type: "system",
        status: "connected",
        message: "Connected.",
        connection_id: "c",
        expires_at,
      };
      socket.send(JSON.stringify(first ? { ...connected, timestamp } : { type: "pong", timestamp }));
      if (first) this.#join(socket);
      first = false;
    });
    socket.on("close", () => this.sockets.delete(socket));
    if (this.silent) this.sockets.add(socket);
  }

  #join(socket: WebSocket): void {
    this.sockets.add(socket);
    const unfinished = [...this.answers.values()].filter(({ status }) => status === "processing");
    if (this.retells)
      for (const { told } of unfinished) for (const message of told) socket.send(JSON.stringify(message));
  }

  async #reply(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.isAway) return void request.socket.destroy();
    const url = new URL(request.url!, "http://server");
    if (url.pathname === "/bucket") return this.#store(request, response);
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const key = request.headers["idempotency-key"] as string | undefined;
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    const body = text ? (JSON.parse(text) as Record<string, string>) : {};
    this.requests.push({ method: request.method!, path: url.pathname + url.search, key, token, body });
    const answer = (status: number, content: object, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(content));
    const problem = ({ status, code, retryAfter, more, text }: Refusal) => {
      if (text !== undefined) return response.writeHead(status).end(text);
      const head = retryAfter ? { "retry-after": String(retryAfter) } : undefined;
      return answer(status, { status, code, detail: `No: ${code}.`, ...more }, head);
    };

    if (token === "expired") return void problem({ status: 401, code: 4001 });
    if (url.pathname.endsWith("/connection-tickets")) {
      this.tickets++;
      const refusal = this.refusals.shift();
      if (refusal) return void problem(refusal);
      const ticket: TicketIssued = {
        ticket: "t",
        expires_in: 60,
        websocket_url: this.url.replace("http", "ws"),
      };
      return void answer(201, ticket);
    }
    if (url.pathname.endsWith("/generate-response")) {
      const refusal = this.promptRefusals.shift();
      if (refusal) return void problem(refusal);
      const id = this.#accept(body, key!);
      if (this.replyAfter) await new Promise((resolve) => setTimeout(resolve, this.replyAfter));
      if (this.lostReplies-- > 0) return void request.socket.destroy();
      return void answer(202, { generation_id: id });
    }
    if (url.pathname.endsWith("/attachments")) {
      const refusal = this.offerRefusals.shift();
      if (refusal) return void problem(refusal);
      const attachment_id = `attachment-${++this.offers}`;
      const fields = { key: `attachments/${attachment_id}`, policy: "signed" };
      return void answer(201, {
        attachment_id,
        upload: { url: `${this.url}/bucket`, fields },
        expires_in: 600,
      });
    }
    const [, attachment_id] = url.pathname.match(/\/attachments\/(.+)$/) ?? [];
    if (attachment_id) {
      const shown = { name: "otter.png", media_type: "image/png", size: 15, expires_in: 300 };
      return void answer(200, { ...shown, attachment_id, url: `${this.url}/bucket/${attachment_id}` });
    }
    const found = this.answers.get(url.pathname.split("/")[4]!);
    if (!found) return void problem({ status: 404, code: "not_found" });
    if (url.pathname.endsWith("/cancel")) {
      if (found.status === "queued" || found.status === "processing") {
        found.status = "cancelled";
        this.#status(found, "cancelled");
      }
      return void answer(202, { status: found.status });
    }
    const refusal = this.readRefusals.shift();
    if (refusal) return void problem(refusal);
    const isSame = Number(url.searchParams.get("attempt") ?? found.attempt) === found.attempt;
    const offset = isSame ? Number(url.searchParams.get("offset")) : 0;
    const { told: _, beside: __, ...snapshot } = found;
    const end = Math.min(offset + this.page, Math.max(found.length, offset));
    const part = { next_offset: end, has_more: end < found.length, ...partsOf(found, this.keepsReasoning) };
    answer(200, { ...snapshot, ...part, offset, text: [...found.text].slice(offset, end).join("") });
  }

  /** As S3 does it, in XML. */
  async #store(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = { "content-type": request.headers["content-type"]! };
    const form = await new Response(Buffer.concat(chunks), { headers }).formData();
    await this.onUpload();
    const refusal = this.uploadRefusals.shift();
    if (refusal) return void response.writeHead(refusal.status).end(refusal.text);
    const { file, ...fields } = Object.fromEntries(form) as { file: File } & Record<string, string>;
    this.uploads.push({ fields, name: file.name, type: file.type, content: await file.text() });
    response.writeHead(204).end();
  }

  #accept(body: Record<string, string>, key: string): string {
    const known = this.#keys.get(key);
    if (known) return known;
    const generation_id = `generation-${this.answers.size + 1}`;
    const now = new Date().toISOString();
    this.#keys.set(key, generation_id);
    this.answers.set(generation_id, {
      ...{ generation_id, user_id: body.user_id!, chat_id: body.chat_id!, status: "queued", attempt: 0 },
      ...{
        offset: 0,
        text: "",
        next_offset: 0,
        has_more: false,
        length: 0,
        model: "fake",
        finish_reason: null,
        usage: null,
        error: null,
      },
      ...{ code: null, retryable: null, created_at: now, timestamp: now, told: [], beside: [] },
    });
    setImmediate(() => this.onPrompt(generation_id));
    return generation_id;
  }
}

/** The parts as they are stored, those of text included; nothing if there is only text. */
function partsOf({ beside, length }: Answer, keepsReasoning: boolean): Pick<GenerationState, "parts"> {
  if (!beside.length) return {};
  const parts: (TextPart | StoredPart)[] = [];
  let told = 0;
  const addText = (until: number) => {
    if (until > told)
      parts.push({ index: parts.length, kind: "text", text_offset: told, length: until - told });
    told = until;
  };
  for (const part of beside) {
    addText(part.text_offset);
    const isKept = keepsReasoning || part.kind !== "reasoning";
    parts.push({ ...part, text: isKept ? part.text : null });
  }
  addText(length);
  return { parts };
}
