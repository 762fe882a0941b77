/** A server and devices in one process and in virtual time: messages are late and lost, replies cross each other. */

import { Conversation } from "../../src/conversation.ts";
import type { ConversationOptions } from "../../src/conversation-state.ts";
import { FrameStreamClient, type Page } from "../../src/index.ts";
import { ChatServer, isOpen, Problem, type Body, type Made } from "./chat-server.ts";
import { TOKEN } from "./client.ts";
import { VirtualClock } from "./virtual-clock.ts";

interface Line {
  readyState: number;
  onopen: ((event: object) => void) | null;
  onmessage: ((event: { data: string }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: object) => void) | null;
  isJoined: boolean;
}

export class ChatWorld {
  readonly clock = new VirtualClock();
  readonly server: ChatServer;
  readonly devices: Device[] = [];
  /** Messages at most on a page of a chat's messages. */
  limit = 100;
  /** Milliseconds that an answer takes to be written, each time anew. */
  answering = (): number => 300;
  ending = (): "completed" | "failed" => "completed";
  /** Milliseconds that a message, or one way of a request, takes. */
  latency = (): number => 10;

  constructor() {
    const time = () => new Date(1_800_000_000_000 + this.clock.now()).toISOString();
    this.server = new ChatServer((message) => this.#tell(message), time);
    this.server.onRun = (made) => void this.#answer(made);
  }

  device(options: Partial<ConversationOptions> = {}): Device {
    const device = new Device(this, options);
    this.devices.push(device);
    return device;
  }

  #tell(message: object): void {
    for (const device of this.devices) device.tell(message, this.latency());
  }

  async #answer(made: Made): Promise<void> {
    await this.clock.sleep(this.answering() / 3);
    if (made.isCancelling) return this.server.end(made, "cancelled");
    if (!isOpen(made)) return;
    this.server.begin(made);
    for (const word of ["Ot", "ters"]) {
      this.server.write(made, word);
      await this.clock.sleep(this.answering() / 3);
      if (made.isCancelling) return this.server.end(made, "cancelled");
    }
    this.server.end(made, this.ending());
  }
}

/** A page on one device, with the conversation that it shows. */
export class Device implements Page {
  readonly client: FrameStreamClient;
  readonly conversation: Conversation;
  /** The requests for the chat's messages. */
  reads = 0;
  readonly requests: { method: string; path: string; body: Body | null }[] = [];
  /** Refusals of the next prompts. */
  readonly refusals: Problem[] = [];
  isAway = false;
  /** A request is about to be sent. */
  onAttempt: () => void = () => {};
  /** The next messages on the socket are lost. */
  losing = 0;
  readonly #world: ChatWorld;
  readonly #lines = new Set<Line>();
  readonly #wakers = new Set<() => void>();

  constructor(world: ChatWorld, options: Partial<ConversationOptions>) {
    this.#world = world;
    const { clock } = world;
    const random = () => 0.5;
    this.client = new FrameStreamClient({
      httpUrl: "https://server",
      getToken: () => TOKEN,
      WebSocket: this.#lineClass(),
      environment: { clock, page: this, random, fetch: (...request) => this.#fetch(...request) },
    });
    this.conversation = new Conversation(this.client, { chatId: "otters", smooth: false, ...options });
    this.conversation.join(options.messages);
  }

  get state() {
    return this.conversation.state();
  }

  /** What one reads. */
  get lines(): string[] {
    return this.state.messages.map(({ role, text, status }) => `${role}/${status}: ${text}`);
  }

  online(): boolean {
    return !this.isAway;
  }

  onWake(act: () => void): () => void {
    this.#wakers.add(act);
    return () => void this.#wakers.delete(act);
  }

  wake(): void {
    for (const act of [...this.#wakers]) act();
  }

  goAway(): void {
    this.isAway = true;
    for (const line of [...this.#lines]) this.#close(line);
  }

  comeBack(): void {
    this.isAway = false;
    this.wake();
  }

  tell(message: object, latency: number): void {
    for (const line of this.#lines) {
      if (!line.isJoined) continue;
      if (this.losing > 0) this.losing--;
      else this.#world.clock.after(latency, () => hear(line, message));
    }
  }

  #close(line: Line): void {
    this.#lines.delete(line);
    line.readyState = 3;
    line.onclose?.({ code: 1006, reason: "" });
  }

  #lineClass() {
    const [world, lines, isAway] = [this.#world, this.#lines, () => this.isAway];
    return class implements Line {
      readyState = 0;
      onopen = null as Line["onopen"];
      onmessage = null as Line["onmessage"];
      onclose = null as Line["onclose"];
      onerror = null as Line["onerror"];
      isJoined = false;

      constructor() {
        lines.add(this);
        world.clock.after(world.latency(), () => {
          if (isAway()) return this.close();
          this.readyState = 1;
          this.onopen?.({});
        });
      }

      send(data: string): void {
        const { type } = JSON.parse(data) as { type: string };
        world.clock.after(world.latency(), () => {
          if (!lines.has(this)) return;
          this.isJoined = true;
          const connected = { type: "system", status: "connected", message: "", connection_id: "c" };
          const times = { timestamp: "2026-11-27T00:00:00Z", expires_at: "2026-11-27T02:00:00Z" };
          hear(this, type === "heartbeat" ? { ...connected, ...times } : { type: "pong" });
          for (const message of world.server.retold()) hear(this, message);
        });
      }

      close(): void {
        lines.delete(this);
        this.readyState = 3;
        this.onclose?.({ code: 1000, reason: "" });
      }
    };
  }

  async #fetch(input: Parameters<typeof fetch>[0], init: RequestInit = {}): Promise<Response> {
    const { clock } = this.#world;
    const url = new URL(String(input));
    const body = init.body ? (JSON.parse(String(init.body)) as Body) : null;
    const method = init.method ?? "GET";
    this.onAttempt();
    if (this.isAway) throw new TypeError("Failed to fetch");
    await clock.sleep(this.#world.latency());
    this.requests.push({ method, path: url.pathname.replace("/api/chat/", "") + url.search, body });
    let reply: [number, object];
    try {
      reply = [
        200,
        this.#route(method, url, body ?? {}, new Headers(init.headers).get("idempotency-key") ?? ""),
      ];
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      reply = [problem.status, problem.body];
    }
    await clock.sleep(this.#world.latency());
    if (this.isAway) throw new TypeError("Failed to fetch");
    return new Response(JSON.stringify(reply[1]), { status: reply[0] });
  }

  #route(method: string, { pathname, searchParams }: URL, body: Body, key: string): object {
    const { server, limit } = this.#world;
    const [kind, id = "", part = "", name = ""] = pathname.split("/").slice(3).map(decodeURIComponent);
    if (kind === "connection-tickets") return { ticket: "t", expires_in: 60, websocket_url: "wss://server" };
    if (kind === "generate-response" || part === "regenerate") {
      const refusal = this.refusals.shift();
      if (refusal) throw refusal;
      return kind === "generations" ? server.regenerate(id, body, key) : server.generate(body, key);
    }
    if (kind === "generations" && part === "cancel") return { status: server.cancel(id).status };
    if (kind === "generations") return server.state(id, Number(searchParams.get("offset")));
    if (kind === "usage") return { day: {}, month: {} };
    const before = Number(searchParams.get("before"));
    if (kind === "chats" && !id) return server.list(Number(searchParams.get("limit") ?? 50), before);
    if (kind !== "chats") throw new Problem(404, "not_found");
    if (part === "messages") {
      this.reads++;
      return server.messages(id, Number(searchParams.get("since")), limit);
    }
    if (part === "queue" && name === "resume") return server.resume(id);
    if (part === "queue")
      return method === "DELETE" ? server.removeQueued(id, name) : server.editQueue(id, name, body.prompt!);
    return method === "DELETE" ? server.delete(id) : server.rename(id, body.title!);
  }
}

function hear(line: Line, message: object): void {
  line.onmessage?.({ data: JSON.stringify(message) });
}
