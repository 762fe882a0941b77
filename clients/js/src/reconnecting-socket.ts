/** A socket that reconnects: performs the effects of the connection's state machine. */

import { ABNORMAL, CODE_BY_STATUS, PAUSING_CODES } from "./codes.ts";
import { IDLE, phaseOf, step } from "./connection.ts";
import type { ConnectionRules, Phase } from "./connection.ts";
import type { ConnectionEvent, Effect } from "./connection-events.ts";
import type { Environment, Socket } from "./environment.ts";
import { FrameStreamError, reasonOf } from "./errors.ts";
import type { TicketIssued } from "./wire.ts";
import { messageFrom, type Message, type SystemMessage } from "./messages.ts";
import { Timers } from "./timers.ts";

export interface SocketOptions {
  environment: Environment & ConnectionRules;
  /** Milliseconds of silence, after which a ping is sent. */
  heartbeat: number;
  /** Milliseconds within which the server has to answer a ping or a handshake. */
  patience: number;
  /** The `Origin` header; browsers send their own. */
  origin?: string | undefined;
  ticket(options: { freshToken: boolean }): Promise<TicketIssued>;
  onMessage(message: Message): void;
  onPhase(phase: Phase): void;
  onReport(code: number | string, error: FrameStreamError): void;
}

/** Milliseconds for which a socket is in use before earlier failures are forgotten. */
export const STABLE = 60_000;
/** Milliseconds for which a replaced socket may still bring messages under way. */
export const LINGER = 2_000;
/** Milliseconds; a successor is opened at most this long, and at most a tenth of the lifetime, before a socket's end. */
export const LONGEST_MARGIN = 60_000;

export class ReconnectingSocket {
  #state = IDLE;
  #socket: Socket | null = null;
  #successor: Socket | null = null;
  /** A replaced socket, which may still bring messages under way. */
  #retired: Socket | null = null;
  /** The number of the current attempt to open a socket; results of earlier ones are ignored. */
  #attempt = 0;
  /** Why the last socket was lost or refused. */
  #reason = new FrameStreamError("", ABNORMAL, true);
  #stopWatching: (() => void) | null = null;
  readonly #timers: Timers;
  readonly #options: SocketOptions;

  constructor(options: SocketOptions) {
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
    this.#stopWatching ??= this.#watchPage();
    this.#dispatch({ type: "wanted" });
  }

  close(): void {
    this.#stopWatching?.();
    this.#stopWatching = null;
    this.#setReason("Closed by the client.");
    this.#dispatch({ type: "unwanted" });
  }

  /** The socket brought new text, so earlier failures are forgotten. */
  markStable(): void {
    if (this.#state.failures) this.#dispatch({ type: "stable" });
  }

  /** Send a ping; without an answer in time, the socket is replaced. */
  probe(): void {
    const socket = this.#socket;
    if (!socket || this.#timers.has("pong")) return;
    send(socket, "ping");
    this.#timers.after("pong", this.#options.patience, () => this.#onTimeout(socket));
  }

  #watchPage(): () => void {
    const { page } = this.#options.environment;
    const stopWake = page.onWake(() => this.#dispatch({ type: "wake" }));
    const stopOffline = page.onOffline?.(() => this.#dispatch({ type: "offline" }));
    return () => {
      stopWake();
      stopOffline?.();
    };
  }

  #setReason(reason: string, cause?: unknown): void {
    this.#reason = new FrameStreamError(reason, ABNORMAL, true, { cause });
  }

  #dispatch(event: ConnectionEvent): void {
    const before = this.phase;
    const [state, effects] = step(this.#state, event, this.#options.environment);
    this.#state = state;
    if (state.attempt !== "pausing" && state.attempt !== "held") this.#timers.stop("pause");
    for (const effect of effects) this.#perform(effect);
    if (this.phase !== before) this.#options.onPhase(this.phase);
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "open":
        return void this.#openSuccessor(effect.freshToken);
      case "adopt":
        return this.#adopt();
      case "drop":
        return this.#closeAll();
      case "pause":
        return this.#timers.after("pause", effect.ms, () => this.#dispatch({ type: "retry-due" }));
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
      this.#attach(this.#create(url.href));
    } catch (error) {
      if (attempt === this.#attempt) this.#onRefused(error);
    }
  }

  #create(url: string): Socket {
    const { environment, origin } = this.#options;
    const WebSocket = environment.WebSocket!;
    return (origin ? new WebSocket(url, { headers: { Origin: origin } }) : new WebSocket(url)) as Socket;
  }

  #attach(socket: Socket): void {
    this.#successor = socket;
    // The server may not speak before the client does.
    socket.onopen = () => send(socket, "heartbeat");
    socket.onmessage = ({ data }) => this.#onData(socket, data);
    // A close follows an error. An unhandled error of `ws` ends the process.
    let fault = "";
    socket.onerror = ({ message }) => (fault = message ?? "");
    socket.onclose = ({ code, reason }) => this.#onClose(socket, code, reason || fault);
    this.#timers.after("connect", this.#options.patience, () => this.#onTimeout(socket));
  }

  /** A code that the contract's table does not have is replaced by that of its status. */
  #onRefused(thrown: unknown): void {
    const error = thrown instanceof FrameStreamError ? thrown : null;
    const { code, status = 0, retryAfter } = error ?? { code: "" };
    if (error) this.#reason = error;
    // Anything else comes from the constructor, which refuses the address.
    else this.#setReason(reasonOf(thrown), thrown);
    const known = typeof code === "number" || PAUSING_CODES.includes(code) ? code : CODE_BY_STATUS[status];
    this.#dispatch(known ? { type: "refused", code: known, retryAfter } : { type: "failed" });
  }

  #onData(socket: Socket, data: unknown): void {
    const message = messageFrom(data);
    if (!message) return;
    if (socket === this.#successor) this.#dispatch({ type: "connected" });
    if (socket === this.#socket) {
      this.#timers.stop("pong");
      this.#scheduleHeartbeat(socket);
    }
    if (message.type === "system") this.#handleSystem(socket, message);
    this.#options.onMessage(message);
  }

  #handleSystem(socket: Socket, message: SystemMessage): void {
    if (socket !== this.#socket) return;
    if (message.status === "closing") {
      this.#setReason(message.message);
      this.#dispatch({ type: "closing", code: message.code });
    }
    if (message.status !== "connected") return;
    // Both times are the server's, so the client's clock may be wrong.
    const lifetime = Date.parse(message.expires_at) - Date.parse(message.timestamp);
    const margin = Math.min(LONGEST_MARGIN, lifetime / 10) * (0.5 + this.#options.environment.random() / 2);
    if (lifetime > 0)
      this.#timers.after("expiring", lifetime - margin, () => this.#dispatch({ type: "expiring" }));
  }

  #adopt(): void {
    this.#closeRetired();
    this.#retired = this.#socket;
    this.#socket = this.#successor;
    this.#successor = null;
    this.#timers.stop("connect", "expiring", "pong");
    this.#timers.after("stable", STABLE, () => this.#dispatch({ type: "stable" }));
    if (this.#retired) this.#timers.after("linger", LINGER, () => this.#closeRetired());
  }

  #closeRetired(): void {
    this.#retired?.close();
    this.#retired = null;
  }

  #closeAll(): void {
    const sockets = [this.#socket, this.#successor, this.#retired];
    this.#socket = this.#successor = this.#retired = null;
    this.#attempt++;
    this.#timers.stopAll();
    for (const socket of sockets) if (socket) detach(socket);
  }

  /** Every message shows that the socket works, so a ping is due only after silence. */
  #scheduleHeartbeat(socket: Socket): void {
    this.#timers.after("heartbeat", this.#options.heartbeat, () => {
      if (socket === this.#socket) this.probe();
    });
  }

  /** Treat a silent socket as closed now: a dead one reports its close only minutes later. */
  #onTimeout(socket: Socket): void {
    detach(socket);
    this.#onClose(socket, ABNORMAL, "The server does not answer.");
  }

  #onClose(socket: Socket, code: number, reason: string): void {
    if (socket === this.#retired) this.#retired = null;
    else this.#setReason(reason || "The connection was lost.");
    if (socket === this.#successor) {
      this.#successor = null;
      this.#timers.stop("connect");
      this.#dispatch({ type: "failed" });
    } else if (socket === this.#socket) {
      this.#socket = null;
      this.#timers.stop("heartbeat", "pong", "stable", "expiring");
      this.#dispatch({ type: "lost", code });
    }
  }
}

function send(socket: Socket, type: "heartbeat" | "ping"): void {
  if (socket.readyState === 1) socket.send(JSON.stringify({ type }));
}

/** Close a socket and ignore its messages. `onerror` stays: an unhandled error of `ws` ends the process. */
function detach(socket: Socket): void {
  socket.onmessage = socket.onclose = null;
  socket.close();
}
