/** Keeps one socket to the server alive: does what the connection's state machine says. */

import { ABNORMAL, FULL, IDLE, NORMAL, phaseOf, step } from "./connection.ts";
import type { Effect, Happening, Phase, Surroundings } from "./connection.ts";
import type { Environment } from "./environment.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Ticket } from "./http.ts";
import { messageFrom, type Message, type SystemMessage } from "./messages.ts";

export interface LifelineOptions {
  environment: Environment & Surroundings;
  /** Milliseconds between signs of life. */
  heartbeat: number;
  /** Milliseconds within which the server has to answer one, or a handshake. */
  patience: number;
  ticket(wish: { freshToken: boolean }): Promise<Ticket>;
  onMessage(message: Message): void;
  onPhase(phase: Phase): void;
  onReport(code: number, reason: string): void;
}

/** A socket that was good for this long has earned that failures before it are forgotten. */
const STABLE = 60_000;
/** A retired socket may still bring what was under way. */
const LINGER = 2_000;
/** At most this long, and at most a tenth of a socket's life, before its end its successor is opened. */
const LONGEST_MARGIN = 60_000;

export class Lifeline {
  #state = IDLE;
  #socket: WebSocket | null = null;
  #successor: WebSocket | null = null;
  /** Which attempt to open a socket is the present one; answers to earlier ones no longer count. */
  #attempt = 0;
  #reason = "";
  #timers = new Map<string, () => void>();
  #sleepless: (() => void) | null = null;
  readonly #options: LifelineOptions;

  constructor(options: LifelineOptions) {
    this.#options = options;
  }

  get phase(): Phase {
    return phaseOf(this.#state);
  }

  open(): void {
    this.#sleepless ??= this.#options.environment.page.onWake(() => this.#tell({ type: "woken" }));
    this.#tell({ type: "wanted" });
  }

  close(): void {
    this.#sleepless?.();
    this.#sleepless = null;
    this.#reason = "Closed by the client.";
    this.#tell({ type: "unwanted", code: NORMAL });
  }

  /** The socket brought something new, so it works. */
  prove(): void {
    if (this.#state.failures) this.#tell({ type: "proven" });
  }

  /** Ask for a sign of life; without one, the socket is replaced. */
  probe(): void {
    const socket = this.#socket;
    if (!socket || this.#timers.has("patience")) return;
    send(socket, "ping");
    this.#after("patience", this.#options.patience, () => this.#lose(socket, "The server does not answer."));
  }

  #tell(happening: Happening): void {
    const before = this.phase;
    const [state, effects] = step(this.#state, happening, this.#options.environment);
    this.#state = state;
    if (state.attempt !== "pausing") this.#stop("pause");
    for (const effect of effects) this.#do(effect);
    if (this.phase !== before) this.#options.onPhase(this.phase);
  }

  #do(effect: Effect): void {
    switch (effect.do) {
      case "open":
        return void this.#openSuccessor(effect.freshToken);
      case "adopt":
        return this.#adopt();
      case "drop":
        return this.#drop();
      case "pause":
        return this.#after("pause", effect.ms, () => this.#tell({ type: "rested" }));
      case "probe":
        return this.probe();
      case "report":
        return this.#options.onReport(effect.code, this.#reason);
    }
  }

  async #openSuccessor(freshToken: boolean): Promise<void> {
    const attempt = ++this.#attempt;
    const url = await this.#url(attempt, freshToken);
    if (!url || attempt !== this.#attempt) return;
    const socket = new this.#options.environment.WebSocket(url);
    this.#successor = socket;
    // The server may not speak before the client does.
    socket.onopen = () => send(socket, "heartbeat");
    socket.onmessage = ({ data }) => this.#hear(socket, data);
    socket.onclose = ({ code, reason }) => this.#closed(socket, code, reason);
    this.#after("welcome", this.#options.patience, () => this.#lose(socket, "The server does not answer."));
  }

  async #url(attempt: number, freshToken: boolean): Promise<string | null> {
    try {
      const { websocket_url, ticket } = await this.#options.ticket({ freshToken });
      const url = new URL(websocket_url);
      url.searchParams.set("ticket", ticket);
      return url.href;
    } catch (error) {
      if (attempt === this.#attempt) this.#refused(error as FrameStreamError);
      return null;
    }
  }

  #refused({ message, code, retryAfter }: FrameStreamError): void {
    this.#reason = message;
    this.#tell(typeof code === "number" ? { type: "refused", code, retryAfter } : { type: "failed" });
  }

  #hear(socket: WebSocket, data: unknown): void {
    const message = messageFrom(data);
    if (!message) return;
    if (socket === this.#successor) this.#tell({ type: "welcomed" });
    if (socket === this.#socket) {
      this.#stop("patience");
      this.#beat(socket);
    }
    if (message.type === "system") this.#heed(socket, message);
    this.#options.onMessage(message);
  }

  #heed(socket: WebSocket, { status, code, message, expires_at, timestamp }: SystemMessage): void {
    if (socket !== this.#socket) return;
    if (status === "closing") {
      this.#reason = message;
      // Closed from another place, or for a newer socket, which coming back would push out.
      this.#tell(code === NORMAL || code === FULL ? { type: "unwanted", code } : { type: "aged" });
    }
    if (status !== "connected" || !expires_at) return;
    // Both times are the server's, so this client's clock may be wrong.
    const life = Date.parse(expires_at) - Date.parse(timestamp);
    const margin = Math.min(LONGEST_MARGIN, life / 10) * (0.5 + this.#options.environment.random() / 2);
    if (life > 0) this.#after("aged", life - margin, () => this.#tell({ type: "aged" }));
  }

  #adopt(): void {
    const old = this.#socket;
    this.#socket = this.#successor;
    this.#successor = null;
    this.#stop("welcome", "aged", "patience");
    this.#after("stable", STABLE, () => this.#tell({ type: "proven" }));
    if (old) this.#options.environment.clock.after(LINGER, () => old.close());
  }

  #drop(): void {
    const sockets = [this.#socket, this.#successor];
    this.#socket = this.#successor = null;
    this.#attempt++;
    this.#stop(...this.#timers.keys());
    for (const socket of sockets) {
      if (!socket) continue;
      socket.onmessage = null;
      socket.close();
    }
  }

  /** Every message is a sign of life, so the next one is due only after a pause. */
  #beat(socket: WebSocket): void {
    this.#after("heartbeat", this.#options.heartbeat, () => {
      if (socket === this.#socket) this.probe();
    });
  }

  /** Treat a socket as closed now. A dead one reports its own close only minutes later. */
  #lose(socket: WebSocket, reason: string): void {
    socket.onmessage = socket.onclose = null;
    socket.close();
    this.#closed(socket, ABNORMAL, reason);
  }

  #closed(socket: WebSocket, code: number, reason: string): void {
    this.#reason = reason || "The connection was lost.";
    if (socket === this.#successor) {
      this.#successor = null;
      this.#stop("welcome");
      this.#tell({ type: "failed" });
    } else if (socket === this.#socket) {
      this.#socket = null;
      this.#stop("heartbeat", "patience", "stable", "aged");
      this.#tell({ type: "lost", code });
    }
  }

  #after(name: string, ms: number, act: () => void): void {
    this.#stop(name);
    const cancel = this.#options.environment.clock.after(ms, () => {
      this.#timers.delete(name);
      act();
    });
    this.#timers.set(name, cancel);
  }

  #stop(...names: string[]): void {
    for (const name of names) {
      this.#timers.get(name)?.();
      this.#timers.delete(name);
    }
  }
}

function send(socket: WebSocket, type: "heartbeat" | "ping"): void {
  if (socket.readyState === 1) socket.send(JSON.stringify({ type }));
}
