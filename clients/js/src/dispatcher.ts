/** Dispatches messages and state changes of the connection to generations and listeners. */

import { FATAL_CODES, NORMAL, TRY_LATER } from "./codes.ts";
import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { GenerationTracker } from "./generation-tracker.ts";
import { Generations } from "./generations.ts";
import type { Http } from "./http.ts";
import { Listeners } from "./listeners.ts";
import { isAboutGeneration, type GenerationMessage, type Message } from "./messages.ts";
import type { DEFAULTS, Settings } from "./options.ts";
import { ReconnectingSocket } from "./reconnecting-socket.ts";
import type { RetryEnvironment } from "./retry.ts";

export interface DispatcherOptions {
  http: Http;
  environment: RetryEnvironment;
  settings: Settings & typeof DEFAULTS;
  /** How the application sees a generation. */
  shown(tracker: GenerationTracker): Generation;
}

export class Dispatcher {
  readonly listeners = new Listeners();
  readonly socket: ReconnectingSocket;
  readonly generations: Generations;
  /** The close code of the last lost or refused socket; null while one is open. */
  closeCode: number | null = null;

  constructor({ http, environment, settings, shown }: DispatcherOptions) {
    const { heartbeat, patience, origin, stallTimeout, pollInterval } = settings;
    this.socket = new ReconnectingSocket({
      environment: { ...environment, isAnswering: () => this.generations.isAnswering },
      ...{ heartbeat, patience, origin },
      ticket: (options) => http.ticket(options),
      onMessage: (message) => this.#onMessage(message),
      onPhase: (phase) => this.#onPhase(phase),
      onReport: (code, error) => this.#onReport(code, error),
    });
    this.generations = new Generations({
      ...{ http, environment, stallTimeout, pollInterval },
      isConnected: () => this.socket.phase === "open",
      notify: (update) => this.#notify(update),
      reportError: (error) => this.listeners.reportError(error),
      announce: (tracker) => this.listeners.each((listener) => listener.onGeneration?.(shown(tracker))),
      probe: () => this.socket.probe(),
    });
  }

  #onMessage(message: Message): void {
    this.listeners.each((listener) => listener.onMessage?.(message));
    if (message.type === "chat_message") this.listeners.each((listener) => listener.onChatChange?.(message));
    if (isAboutGeneration(message)) this.generations.receive(message);
  }

  #notify(update: GenerationMessage): void {
    if (update.type === "llm_frame" || update.type === "llm_part") this.socket.markStable();
    this.listeners.notify(update);
  }

  #onPhase(phase: Phase): void {
    if (phase === "open") this.closeCode = null;
    this.generations.onPhase(phase);
    this.listeners.each((listener) => listener.onPhase?.(phase));
  }

  /** A close code is a number; a word of the HTTP API is reported as the nearest one. */
  #onReport(reported: number | string, error: FrameStreamError): void {
    const code = typeof reported === "number" ? reported : TRY_LATER;
    this.closeCode = code;
    const willReconnect = this.socket.phase !== "closed" && !FATAL_CODES.includes(reported);
    this.listeners.each((listener) => listener.onClose?.({ code, reason: error.message, willReconnect }));
    if (!willReconnect && code !== NORMAL) this.listeners.reportError(error);
  }
}
