/** Measures what the panel shows: how fast text comes, and what came last. */

import type { Frame, Listener, Message, Phase, Status } from "framestream";

export interface Reading {
  /** Milliseconds from a prompt to its first text. */
  toFirstText: number | null;
  /** Milliseconds between frames, smoothed. */
  betweenFrames: number | null;
  characters: number;
  messages: number;
  connections: number;
  connectionId: string | null;
  /** The latest messages, newest first. */
  log: readonly Entry[];
}

export interface Entry {
  number: number;
  time: Date;
  type: string;
  detail: string;
}

const KEPT = 40;
const WEIGHT = 0.2;

const EMPTY: Reading = {
  ...{ toFirstText: null, betweenFrames: null, characters: 0, messages: 0, connections: 0 },
  ...{ connectionId: null, log: [] },
};

export class Meter implements Listener {
  #reading = EMPTY;
  #watchers = new Set<() => void>();
  #askedAt: number | null = null;
  #frameAt: number | null = null;

  readonly subscribe = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  };

  readonly reading = (): Reading => this.#reading;

  asked(): void {
    this.#askedAt = performance.now();
  }

  onStatusUpdate(status: Status): void {
    if (status === "started") this.#frameAt = null;
  }

  onFrameUpdate(frame: Frame): void {
    if (frame.status !== "streaming") return;
    const now = performance.now();
    const characters = this.#reading.characters + [...frame.delta].length;
    const gap = this.#frameAt === null ? null : now - this.#frameAt;
    const before = this.#reading.betweenFrames ?? gap;
    const betweenFrames = gap === null || before === null ? before : before + WEIGHT * (gap - before);
    const toFirstText = this.#askedAt === null ? this.#reading.toFirstText : now - this.#askedAt;
    this.#askedAt = null;
    this.#frameAt = now;
    this.#set({ characters, betweenFrames, toFirstText });
  }

  onPhase(phase: Phase): void {
    if (phase === "open") this.#set({ connections: this.#reading.connections + 1 });
  }

  onMessage(message: Message): void {
    const number = this.#reading.messages + 1;
    const entry = { number, time: new Date(), type: message.type, detail: detailOf(message) };
    const connectionId =
      (message.type === "system" && message.status === "connected" && message.connection_id) ||
      this.#reading.connectionId;
    this.#set({ messages: number, connectionId, log: [entry, ...this.#reading.log].slice(0, KEPT) });
  }

  #set(change: Partial<Reading>): void {
    this.#reading = { ...this.#reading, ...change };
    for (const watcher of this.#watchers) watcher();
  }
}

function detailOf(message: Message): string {
  switch (message.type) {
    case "llm_frame":
      return message.frame.status === "streaming"
        ? `@${message.frame.offset} ${message.frame.delta}`
        : message.frame.message;
    case "llm_part":
      return `${message.part.kind} ${message.part.index} @${message.part.offset} ${message.part.delta}`;
    case "llm_response":
      return `${message.data.length} characters, ${message.data.finish_reason}`;
    case "llm_error":
      return message.code;
    case "chat_message":
      return `${message.event} ${message.text ?? message.title ?? ""}`;
    case "pong":
      return "";
    default:
      return "status" in message ? message.status : "";
  }
}
