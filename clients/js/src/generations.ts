/** The generations of one client: a tracker for each, and the prompts that the server has not accepted yet. */

import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";
import { GenerationTracker, type TrackerHost } from "./generation-tracker.ts";
import type { GenerationMessage } from "./messages.ts";

/** Ended generations are kept for a while, because the server may repeat an end. */
const MAX_TRACKERS = 100;

export interface GenerationsHost extends TrackerHost {
  /** Report a generation that this client did not request. */
  announce(tracker: GenerationTracker): void;
}

export class Generations {
  readonly #host: GenerationsHost;
  readonly #trackers = new Map<string, GenerationTracker>();
  /** Fails each prompt under way. Until all are accepted, an unknown generation may belong to one of them. */
  readonly #submitting = new Set<(error: FrameStreamError) => void>();
  #unannounced: GenerationTracker[] = [];

  constructor(host: GenerationsHost) {
    this.#host = host;
  }

  /** A generation that has not ended. */
  get running(): GenerationTracker | undefined {
    return [...this.#trackers.values()].find(({ hasEnded }) => !hasEnded);
  }

  /** A generation or a prompt has not ended. */
  get isAnswering(): boolean {
    return !!this.#submitting.size || !!this.running;
  }

  ofChat(chatId: string): GenerationTracker[] {
    return [...this.#trackers.values()].filter((tracker) => tracker.chatId === chatId);
  }

  /** The tracker of a generation, which is made if there is none. */
  tracker(id: string, chatId: string): GenerationTracker {
    const known = this.#trackers.get(id);
    if (known) return known;
    const tracker = new GenerationTracker(this.#host, id, chatId);
    this.#trackers.set(id, tracker);
    for (const [old, { hasEnded }] of this.#trackers) {
      if (this.#trackers.size <= MAX_TRACKERS) break;
      if (hasEnded) this.#trackers.delete(old);
    }
    return tracker;
  }

  /** The tracker of a prompt, once it is accepted and unless `signal` is aborted; until then `failAll` calls `fail`. */
  async submitted(
    accepted: Promise<string>,
    chatId: string,
    fail: (error: FrameStreamError) => void,
    signal: AbortSignal,
  ): Promise<GenerationTracker> {
    this.#submitting.add(fail);
    try {
      const id = await accepted;
      signal.throwIfAborted();
      // Its first messages may have arrived before the response to the prompt.
      const tracker = this.tracker(id, chatId);
      this.#unannounced = this.#unannounced.filter((other) => other !== tracker);
      return tracker;
    } finally {
      this.#submitting.delete(fail);
      this.#announceAll();
    }
  }

  receive(message: GenerationMessage): void {
    const { generation_id: id, chat_id: chatId } = message;
    const isNew = !this.#trackers.has(id);
    const tracker = this.tracker(id, chatId);
    if (isNew) this.#unannounced.push(tracker);
    this.#announceAll();
    tracker.receive(message);
  }

  /** Fetch when a socket opens: the server repeats unfinished generations on it, but not those that ended meanwhile. */
  onPhase(phase: Phase): void {
    for (const tracker of this.#trackers.values()) {
      if (phase === "open" || phase === "connecting") void tracker.fetch();
      else tracker.watch();
    }
  }

  failAll(error: FrameStreamError): void {
    for (const fail of this.#submitting) fail(error);
    for (const tracker of this.#trackers.values()) tracker.fail(error);
    this.#trackers.clear();
    this.#unannounced = [];
  }

  #announceAll(): void {
    if (this.#submitting.size) return;
    for (const tracker of this.#unannounced.splice(0)) this.#host.announce(tracker);
  }
}
