/** The answers of a conversation as they come in: which are being written, and what this page has received of each. */

import { failureOf, hasEnded, type ChatMessage } from "./chat-messages.ts";
import type { FrameStreamClient } from "./client.ts";
import { isCutOff } from "./conversation-view.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { Status } from "./messages.ts";
import type { AnswerPart } from "./parts.ts";
import { smoothly } from "./smoothing.ts";

export interface AnswersOptions {
  client: FrameStreamClient;
  chatId: string;
  isSmooth(): boolean;
  onChange(): void;
  onEnd(id: string, generation: Generation, error: FrameStreamError | null): void;
}

export interface Following {
  /** It has just begun. */
  isNew: boolean;
  /** Whether the question that it answers is known; otherwise it is fetched with the answer. */
  hasQuestion: boolean;
}

/** An answer has not ended as long as not all of its text is shown. */
function statusOf({ hasEnded, status }: Generation): Status {
  return hasEnded ? "streaming" : status;
}

/** Nothing for an answer that is only text. */
function partsOf(generation: Generation, text: string): Pick<ChatMessage, "parts" | "hasParts"> {
  const parts = generation.partsUpTo(text);
  return parts.some(isBesideText) ? { parts, hasParts: true } : {};
}

function isBesideText({ kind }: AnswerPart): boolean {
  return kind !== "text";
}

const NO_RESULT = { model: null, usage: null, cost: null, context: null };

/** Answers are named by the ids of their messages, as they are shown. */
export class Answers {
  readonly #running = new Map<string, Generation>();
  readonly #received = new Map<string, Partial<ChatMessage>>();
  readonly #options: AnswersOptions;

  constructor(options: AnswersOptions) {
    this.#options = options;
  }

  /** None is being written. */
  get isIdle(): boolean {
    return this.#running.size === 0;
  }

  readonly isRunning = (id: string): boolean => this.#running.has(id);

  readonly received = (id: string): Partial<ChatMessage> | undefined => this.#received.get(id);

  generation(id: string): Generation | undefined {
    return this.#running.get(id);
  }

  receive(id: string, change: Partial<ChatMessage>): void {
    this.#received.set(id, { ...this.#received.get(id), ...change });
    this.#options.onChange();
  }

  forget(id: string): void {
    this.#received.delete(id);
  }

  /** Update the status of an answer without text; later, its status follows the displayed text. */
  updateStatus(id: string, status: Status): void {
    if (this.#running.has(id) && !this.#received.get(id)?.text && !hasEnded({ status }))
      this.receive(id, { status });
  }

  /** Cancel all but those that wait for their turn. */
  stop(isWaiting: (id: string) => boolean): void {
    for (const [id, generation] of this.#running)
      if (!isWaiting(id)) void generation.cancel().catch(() => {});
  }

  /** Follow an answer, unless it is being followed, or its end is known. */
  follow(id: string, generationId: string, { isNew, hasQuestion }: Following): void {
    const received = this.#received.get(id);
    if (this.#running.has(id) || (received && !isCutOff(received))) return;
    const { client, chatId } = this.#options;
    const known = client.generations(chatId).find((each) => each.id === generationId);
    const isUsable = known && hasQuestion && !(known.hasEnded && received);
    void this.show(id, isUsable ? known : client.follow(generationId, { chatId, isNew }));
  }

  async show(id: string, generation: Generation): Promise<void> {
    this.#running.set(id, generation);
    this.#options.onChange();
    let error: FrameStreamError | null = null;
    void this.#receiveParts(id, generation);
    try {
      for await (const text of this.#options.isSmooth() ? smoothly(generation) : generation)
        this.receive(id, { text, status: statusOf(generation), ...partsOf(generation, text) });
    } catch (thrown) {
      if (generation.status === "failed") error = thrown as FrameStreamError;
    }
    const { model, usage, cost, context } = await generation.result.catch(() => NO_RESULT);
    this.#running.delete(id);
    const { text, status } = generation;
    const failure = error && failureOf(error, Date.now());
    const parts = partsOf(generation, text);
    this.receive(id, { text, status, error: failure, model, usage, cost, context, ...parts });
    this.#options.onEnd(id, generation, error);
  }

  /** What is beside the text is shown at once, up to the text that is shown. */
  async #receiveParts(id: string, generation: Generation): Promise<void> {
    try {
      for await (const { parts } of generation.steps())
        if (parts.some(isBesideText) && this.#running.get(id) === generation)
          this.receive(id, partsOf(generation, this.#received.get(id)?.text ?? ""));
    } catch {
      // The reader of the text is told.
    }
  }
}
