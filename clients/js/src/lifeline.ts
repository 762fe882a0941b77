/** Keeps one socket to the server alive: does what the connection's state machine says. */

import { ABNORMAL, CODE_BY_STATUS, PAUSING_CODES } from "./codes.ts";
import { IDLE, phaseOf, step } from "./connection.ts";
import type { Effect, ConnectionEvent, Phase, ConnectionRules } from "./connection.ts";
import type { Environment, Socket } from "./environment.ts";
import { FrameStreamError, reasonOf } from "./errors.ts";
import type { Ticket } from "./http.ts";
import { messageFrom, type Message, type SystemMessage } from "./messages.ts";
import { Timers } from "./timers.ts";

export interface LifelineOptions {
  environment: Environment & ConnectionRules;
  /** Milliseconds between signs of life. */
  heartbeat: number;
  /** Milliseconds within which the server has to answer one, or a handshake. */
  patience: number;
  /** What a socket says that it comes from, where that is not a browser's own business. */
  origin?: string | undefined;
  ticket(wish: { freshToken: boolean }): Promise<Ticket>;
  onMessage(message: Message): void;
  onPhase(phase: Phase): void;
  onReport(code: number | string, error: FrameStreamError): void;
}

/** A socket that was good for this long has earned that failures before it are forgotten. */
export const STABLE = 60_000;
/** A retired socket may still bring what was under way. */
export const LINGER = 2_000;
/** At most this long, and at most a tenth of a socket's life, before its end its successor is opened. */
export const LONGEST_MARGIN = 60_000;

export class Lifeline {
  #state = IDLE;
  #socket: Socket | null = null;
  #successor: Socket | null = null;
  /** Replaced by its successor, it may still bring what was under way. */
  #retired: Socket | null = null;
  /** Which attempt to open a socket is the present one; answers to earlier ones no longer count. */
  #attempt = 0;
  /** Why the last socket went, or was not let in. */
  #reason = new FrameStreamError("", ABNORMAL, true);
  #unwatch: (() => void) | null = null;
  readonly #timers: Timers;
  readonly #options: LifelineOptions;

  constructor(options: LifelineOptions) {
    this.#options = options;
    this.#timers = new Timers(options.environment.clock);
  }

  get phase(): Phase {
    return phaseOf(this.#state);
  }

  open(): void {
    if (!this.#options.environment.WebSocket) {
      throw new FrameStreamError(
        "There is no WebSocket here (Node has one since 22): give the option WebSocket, for example that of `ws`.",
        "no_websocket",
      );
    }
    this.#unwatch ??= this.#watch();
    this.#tell({ type: "wanted" });
  }

  close(): void {
    this.#unwatch?.();
    this.#unwatch = null;
    this.#explain("Closed by the client.");
    this.#tell({ type: "unwanted" });
  }

  #watch(): () => void {
    const { page } = this.#options.environment;
    const unwake = page.onWake(() => this.#tell({ type: "wake" }));
    const online = page.onOffline?.(() => this.#tell({ type: "offline" }));
    return () => {
      unwake();
      online?.();
    };
  }

  #explain(reason: string, cause?: unknown): void {
    this.#reason = new FrameStreamError(reason, ABNORMAL, true, { cause });
  }

  /** The socket brought something new, so it works. */
  prove(): void {
    if (this.#state.failures) this.#tell({ type: "stable" });
  }

  /** Ask for a sign of life; without one, the socket is replaced. */
  probe(): void {
    const socket = this.#socket;
    if (!socket || this.#timers.has("patience")) return;
    send(socket, "ping");
    this.#timers.after("patience", this.#options.patience, () =>
      this.#lose(socket, "The server does not answer."),
    );
  }

  #tell(event: ConnectionEvent): void {
    const before = this.phase;
    const [state, effects] = step(this.#state, event, this.#options.environment);
    this.#state = state;
    if (state.attempt !== "pausing" && state.attempt !== "held") this.#timers.stop("pause");
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
        return this.#timers.after("pause", effect.ms, () => this.#tell({ type: "retry-due" }));
      case "probe":
        return this.probe();
      case "report":
        return this.#options.onReport(effect.code, this.#reason);
    }
  }

  async #openSuccessor(freshToken: boolean): Promise<void> {
    const attempt = ++this.#attempt;
    try {
      const { websocket_url, ticket } = await this.#options.ticket({ freshToken });
      if (attempt !== this.#attempt) return;
      const url = new URL(websocket_url);
      url.searchParams.set("ticket", ticket);
      this.#listen(this.#made(url.href));
    } catch (error) {
      if (attempt === this.#attempt) this.#refused(error);
    }
  }

  #made(url: string): Socket {
    const { environment, origin } = this.#options;
    const WebSocket = environment.WebSocket!;
    return (origin ? new WebSocket(url, { headers: { Origin: origin } }) : new WebSocket(url)) as Socket;
  }

  #listen(socket: Socket): void {
    this.#successor = socket;
    // The server may not speak before the client does.
    socket.onopen = () => send(socket, "heartbeat");
    socket.onmessage = ({ data }) => this.#hear(socket, data);
    // A close follows an error. An error of `ws` to which nothing listens ends the process.
    let fault = "";
    socket.onerror = ({ message }) => (fault = message ?? "");
    socket.onclose = ({ code, reason }) => this.#closed(socket, code, reason || fault);
    this.#timers.after("welcome", this.#options.patience, () =>
      this.#lose(socket, "The server does not answer."),
    );
  }

  /** A word that the contract's table of codes does not have means what its status means. */
  #refused(thrown: unknown): void {
    const error = thrown instanceof FrameStreamError ? thrown : null;
    const { code, status = 0, retryAfter } = error ?? { code: "" };
    if (error) this.#reason = error;
    else this.#explain(reasonOf(thrown), thrown); // Not made at all: its address, or this page, does not allow it.
    const known = typeof code === "number" || PAUSING_CODES.includes(code) ? code : CODE_BY_STATUS[status];
    this.#tell(known ? { type: "refused", code: known, retryAfter } : { type: "failed" });
  }

  #hear(socket: Socket, data: unknown): void {
    const message = messageFrom(data);
    if (!message) return;
    if (socket === this.#successor) this.#tell({ type: "connected" });
    if (socket === this.#socket) {
      this.#timers.stop("patience");
      this.#beat(socket);
    }
    if (message.type === "system") this.#heed(socket, message);
    this.#options.onMessage(message);
  }

  #heed(socket: Socket, { status, code, message, expires_at, timestamp }: SystemMessage): void {
    if (socket !== this.#socket) return;
    if (status === "closing") {
      this.#explain(message);
      this.#tell({ type: "closing", code });
    }
    if (status !== "connected" || !expires_at) return;
    // Both times are the server's, so this client's clock may be wrong.
    const life = Date.parse(expires_at) - Date.parse(timestamp);
    const margin = Math.min(LONGEST_MARGIN, life / 10) * (0.5 + this.#options.environment.random() / 2);
    if (life > 0) this.#timers.after("aged", life - margin, () => this.#tell({ type: "expiring" }));
  }

  #adopt(): void {
    this.#retire();
    this.#retired = this.#socket;
    this.#socket = this.#successor;
    this.#successor = null;
    this.#timers.stop("welcome", "aged", "patience");
    this.#timers.after("stable", STABLE, () => this.#tell({ type: "stable" }));
    if (this.#retired) this.#timers.after("linger", LINGER, () => this.#retire());
  }

  #retire(): void {
    this.#retired?.close();
    this.#retired = null;
  }

  #drop(): void {
    const sockets = [this.#socket, this.#successor, this.#retired];
    this.#socket = this.#successor = this.#retired = null;
    this.#attempt++;
    this.#timers.stopAll();
    for (const socket of sockets) if (socket) leave(socket);
  }

  /** Every message is a sign of life, so the next one is due only after a pause. */
  #beat(socket: Socket): void {
    this.#timers.after("heartbeat", this.#options.heartbeat, () => {
      if (socket === this.#socket) this.probe();
    });
  }

  /** Treat a socket as closed now. A dead one reports its own close only minutes later. */
  #lose(socket: Socket, reason: string): void {
    leave(socket);
    this.#closed(socket, ABNORMAL, reason);
  }

  #closed(socket: Socket, code: number, reason: string): void {
    if (socket === this.#retired) this.#retired = null;
    else this.#explain(reason || "The connection was lost.");
    if (socket === this.#successor) {
      this.#successor = null;
      this.#timers.stop("welcome");
      this.#tell({ type: "failed" });
    } else if (socket === this.#socket) {
      this.#socket = null;
      this.#timers.stop("heartbeat", "patience", "stable", "aged");
      this.#tell({ type: "lost", code });
    }
  }
}

function send(socket: Socket, type: "heartbeat" | "ping"): void {
  if (socket.readyState === 1) socket.send(JSON.stringify({ type }));
}

/** Close a socket, and hear nothing more of it but errors, to which somebody has to listen. */
function leave(socket: Socket): void {
  socket.onmessage = socket.onclose = null;
  socket.close();
}
