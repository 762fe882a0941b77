/** The generations of one client: a tracker for each, and the prompts that the server has not accepted yet. */

import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";
import { GenerationTracker, type TrackerHost } from "./generation-tracker.ts";
import type { GenerationMessage } from "./messages.ts";

/** Ended generations are kept for a while, because the server may repeat an end. */
const MAX_TRACKERS = 100;

export class Generations {
  readonly #host: TrackerHost;
  readonly #announce: (tracker: GenerationTracker) => void;
  readonly #trackers = new Map<string, GenerationTracker>();
  /** Fails each prompt under way. Until all are accepted, an unknown generation may belong to one of them. */
  readonly #submitting = new Set<(error: FrameStreamError) => void>();
  #unannounced: GenerationTracker[] = [];

  /** `announce` is called for each generation that this client did not request. */
  constructor(host: TrackerHost, announce: (tracker: GenerationTracker) => void) {
    this.#host = host;
    this.#announce = announce;
  }

  /** A generation that has not ended. */
  get running(): GenerationTracker | undefined {
    return [...this.#trackers.values()].find(({ hasEnded }) => !hasEnded);
  }

  /** A generation or a prompt has not ended. */
  get isAnswering(): boolean {
    return this.#submitting.size > 0 || this.running !== undefined;
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
    const isNew = !this.#trackers.has(message.generation_id);
    const tracker = this.tracker(message.generation_id, message.chat_id);
    if (isNew) this.#unannounced.push(tracker);
    this.#announceAll();
    tracker.receive(message);
  }

  /** Fetch when a socket opens: the server repeats unfinished generations on it, but not those that ended meanwhile. */
  onPhase(phase: Phase): void {
    for (const tracker of this.#trackers.values()) {
      if (phase === "open" || phase === "connecting") void tracker.fetch();
      else tracker.awaitMessage();
    }
  }

  failAll(error: () => FrameStreamError): void {
    for (const fail of this.#submitting) fail(error());
    for (const tracker of this.#trackers.values()) tracker.fail(error());
    this.#trackers.clear();
  }

  #announceAll(): void {
    if (this.#submitting.size) return;
    const trackers = this.#unannounced;
    this.#unannounced = [];
    for (const tracker of trackers) this.#announce(tracker);
  }
}
