/** One answer for the application: its text, its status, its result, and a way to cancel it. */

import type { FrameStreamError } from "./errors.ts";
import type { GenerationTracker } from "./generation-tracker.ts";
import type { Accepted, Status } from "./messages.ts";
import type { AnswerPart } from "./parts.ts";
import type { Result, Step } from "./result.ts";

/** The code of a prompt that was cancelled before it was accepted. */
export const CANCELLED = "cancelled";

const NOT_ACCEPTED: Result = {
  ...{ generationId: null, status: "cancelled", text: "", parts: [] },
  ...{ model: null, finishReason: null, usage: null, cost: null, context: null },
};

/** What a generation that is requested here has, and one that is only followed has not. */
export interface Submission {
  onCancel(): void;
  acceptance: Promise<Accepted>;
}

export class Generation implements AsyncIterable<string> {
  readonly chatId: string;
  /** How it ended. Rejects with a `FrameStreamError` if it failed; the text until then stays in `text`. */
  readonly result: Promise<Result>;
  /** Resolves with its id once the server accepted it; rejects if it never does. */
  readonly accepted: Promise<string>;
  /** Resolves with the server's whole reply to the prompt: ids of its message, and whether it waits. Null if followed. */
  readonly acceptance: Promise<Accepted | null>;
  /** The message that it answers, once the generation was fetched. */
  readonly questionId: Promise<string | null>;
  #tracker: GenerationTracker | null = null;
  /** Its status if it ended without being accepted. */
  #unaccepted: "failed" | "cancelled" | null = null;
  readonly #pending: Promise<GenerationTracker>;
  readonly #cancel: (id: string) => Promise<unknown>;
  readonly #onCancel: (() => void) | undefined;

  /** @internal */
  constructor(
    tracker: Promise<GenerationTracker> | GenerationTracker,
    chatId: string,
    cancel: (id: string) => Promise<unknown>,
    { onCancel, acceptance }: Partial<Submission> = {},
  ) {
    this.chatId = chatId;
    this.#cancel = cancel;
    this.#onCancel = onCancel;
    this.#pending = Promise.resolve(tracker);
    this.#pending.then(
      (tracker) => {
        this.#tracker = tracker;
        this.#unaccepted = null;
      },
      (error: FrameStreamError) => (this.#unaccepted ??= error.code === CANCELLED ? "cancelled" : "failed"),
    );
    if (!(tracker instanceof Promise)) this.#tracker = tracker;
    this.accepted = this.#pending.then(({ id }) => id);
    this.acceptance = this.#pending.then(() => acceptance ?? null);
    this.questionId = this.#pending.then(({ questionId }) => questionId);
    this.result = this.#pending.then(
      ({ result }) => result,
      (error: FrameStreamError) => {
        if (error.code === CANCELLED) return NOT_ACCEPTED;
        throw error;
      },
    );
    // A failure is not unhandled only because the application does not read these.
    for (const promise of [
      this.accepted,
      this.acceptance,
      this.questionId,
      this.result,
    ] as Promise<unknown>[])
      promise.catch(() => {});
  }

  /** Its id; null until the server has accepted it. */
  get id(): string | null {
    return this.#tracker?.id ?? null;
  }

  get status(): Status {
    return this.#unaccepted ?? this.#tracker?.status ?? "queued";
  }

  /** The whole text so far. */
  get text(): string {
    return this.#tracker?.text ?? "";
  }

  /** The text so far, and what came before, within and after it: reasoning, sources, data. */
  get parts(): readonly AnswerPart[] {
    return this.#tracker?.parts ?? [];
  }

  /** The model that answered or, while it answers, that took the place of one that was not available; else null. */
  get model(): string | null {
    return this.#tracker?.model ?? null;
  }

  /** @internal */
  partsUpTo(text: string): readonly AnswerPart[] {
    return this.#tracker?.partsUpTo(text) ?? [];
  }

  /** How often the model was asked; with a higher attempt the text starts again. */
  get attempt(): number {
    return this.#tracker?.attempt ?? 0;
  }

  get hasEnded(): boolean {
    return this.#unaccepted !== null || (this.#tracker?.hasEnded ?? false);
  }

  /**
   * Ask the server to stop writing. It ends as `cancelled`, unless it ends in another way first.
   *
   * A prompt that the server has not accepted ends at once, and is not sent any more. If it is on its way at this moment,
   * it is cancelled as soon as the server accepts it.
   */
  async cancel(): Promise<void> {
    if (!this.#tracker && !this.#unaccepted) {
      this.#unaccepted = "cancelled";
      return this.#onCancel?.();
    }
    if (this.#tracker && !this.hasEnded) await this.#cancel(this.#tracker.id);
  }

  /**
   * The whole text so far, each time that there is more.
   *
   * The whole text and not the new piece, because a failing model is asked again, and then the text starts again. A slow
   * reader misses only intermediate steps.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, void> {
    yield* (await this.#accepted())?.texts() ?? [];
  }

  /** The whole answer so far, in parts, each time that there is more of any of them. */
  async *steps(): AsyncGenerator<Step, void, void> {
    yield* (await this.#accepted())?.steps() ?? [];
  }

  /** null if it was cancelled before it was accepted. */
  #accepted(): Promise<GenerationTracker | null> {
    return this.#pending.catch((error: FrameStreamError) => {
      if (error.code === CANCELLED) return null;
      throw error;
    });
  }
}
