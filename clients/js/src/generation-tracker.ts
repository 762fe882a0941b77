/** Tracks one generation: applies its messages, and fetches from the server what the socket does not bring. */

import { FATAL_READ_STATUSES } from "./codes.ts";
import { FrameStreamError } from "./errors.ts";
import type { Http } from "./http.ts";
import type { GenerationMessage, Status } from "./messages.ts";
import { inOrder, type AnswerPart } from "./parts.ts";
import { advance, catchUp, isEnd, isIncomplete, START, type Progress } from "./progress.ts";
import { resultOf, type Result, type Step } from "./result.ts";
import { backoff, type RetryEnvironment } from "./retry.ts";

/** What a tracker needs from its client. */
export interface TrackerHost {
  http: Http;
  environment: RetryEnvironment;
  /** Milliseconds without a message about an unfinished answer, after which it is fetched: with a socket, and without. */
  stallTimeout: number;
  pollInterval: number;
  /** A socket is open. */
  isConnected(): boolean;
  /** Pass a message on to the application. */
  notify(update: GenerationMessage): void;
  /** Report that the answer cannot be followed any more. */
  reportError(error: FrameStreamError): void;
  /** Check the socket, which was silent for a while. */
  probe(): void;
}

/** Milliseconds between fetches of missing text, which may not be stored yet: the server stores about once a second. */
export const STORING = 700;

export class GenerationTracker {
  readonly id: string;
  readonly chatId: string;
  readonly result: Promise<Result>;
  /** The message that it answers, once the generation was fetched; null if the server names none. */
  readonly questionId: Promise<string | null>;
  #progress = START;
  #error: FrameStreamError | null = null;
  #resolve!: (result: Result) => void;
  #reject!: (error: FrameStreamError) => void;
  #setQuestion!: (id: string | null) => void;
  #readers: (() => void)[] = [];
  #stopTimer: () => void = () => {};
  #fetching = false;
  #failures = 0;
  readonly #host: TrackerHost;

  constructor(host: TrackerHost, id: string, chatId: string) {
    this.#host = host;
    this.id = id;
    this.chatId = chatId;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.questionId = new Promise((resolve) => (this.#setQuestion = resolve));
    this.result.catch(() => {}); // A failure is not unhandled only because the application does not read the result.
    this.watch();
  }

  get status(): Status {
    return this.#error ? "failed" : this.#progress.status;
  }

  get text(): string {
    return this.#progress.answer.text;
  }

  get model(): string | null {
    return this.#progress.model;
  }

  get attempt(): number {
    return this.#progress.answer.attempt;
  }

  get hasEnded(): boolean {
    return isEnd(this.status);
  }

  get parts(): readonly AnswerPart[] {
    const { answer, parts } = this.#progress;
    return inOrder(answer.text, parts);
  }

  /** The parts, as far as they are known when so much of the text is shown. */
  partsUpTo(text: string): readonly AnswerPart[] {
    return inOrder(text, this.#progress.parts);
  }

  async *texts(): AsyncGenerator<string, void, void> {
    let last = "";
    for await (const { text } of this.steps()) if (text !== last) yield (last = text);
  }

  async *steps(): AsyncGenerator<Step, void, void> {
    let last: Progress = START;
    for (;;) {
      const { answer, parts } = this.#progress;
      if (answer.text !== last.answer.text || parts.received !== last.parts.received) {
        last = this.#progress;
        const { attempt, text } = answer;
        yield { attempt, text, parts: inOrder(text, parts) };
      } else if (this.#error) throw this.#error;
      else if (this.hasEnded) return;
      else await new Promise<void>((resolve) => this.#readers.push(resolve));
    }
  }

  receive(message: GenerationMessage): void {
    const before = this.#progress;
    const [progress, update] = advance(before, message);
    this.#apply(progress, update ? [update] : []);
    if (!isIncomplete(progress)) this.watch();
    else if (!isIncomplete(before)) void this.fetch();
  }

  /** Fetch the generation now. */
  async fetch(): Promise<void> {
    if (this.#fetching || this.hasEnded) return;
    this.#fetching = true;
    const { length, attempt } = this.#progress.answer;
    try {
      const snapshot = await this.#host.http.read(this.id, { offset: length, attempt });
      this.#failures = 0;
      this.#setQuestion(snapshot.parent_message_id ?? null);
      const [progress, updates] = catchUp(this.#progress, snapshot); // Messages may have arrived meanwhile.
      this.#apply(progress, updates);
      if (isIncomplete(progress)) this.#fetchAfter(STORING);
      else this.watch();
    } catch (error) {
      this.#onFetchFailed(error as FrameStreamError);
    } finally {
      this.#fetching = false;
    }
  }

  /** Fetch the generation unless a message about it arrives in time. */
  watch(): void {
    const { isConnected, stallTimeout, pollInterval } = this.#host;
    this.#fetchAfter(isConnected() ? stallTimeout : Math.min(pollInterval, stallTimeout));
  }

  fail(error: FrameStreamError): void {
    if (this.hasEnded) return;
    this.#error = error;
    this.#settle();
  }

  /** The server completes an answer independently of the network, so only a final status of its own ends the fetching. */
  #onFetchFailed(error: FrameStreamError): void {
    if (this.hasEnded) return;
    if (FATAL_READ_STATUSES.includes(error.status)) {
      this.fail(error);
      return this.#host.reportError(error);
    }
    const { environment } = this.#host;
    const ms = backoff(++this.#failures, environment, environment.random());
    this.#fetchAfter(Math.max(ms, Math.min(error.retryAfter ?? 0, environment.longestRetryAfter)));
  }

  #apply(progress: Progress, updates: readonly GenerationMessage[]): void {
    const hadEnded = this.hasEnded;
    this.#progress = progress;
    for (const update of updates) this.#host.notify(update);
    if (this.hasEnded && !hadEnded) this.#settle();
    else if (updates.length) this.#wakeReaders();
  }

  #fetchAfter(ms: number): void {
    this.#stopTimer();
    if (this.hasEnded) return;
    this.#stopTimer = this.#host.environment.clock.after(ms, () => {
      this.#host.probe();
      void this.fetch();
    });
  }

  #wakeReaders(): void {
    for (const resume of this.#readers.splice(0)) resume();
  }

  #settle(): void {
    this.#stopTimer();
    const { error } = this.#progress;
    if (error && this.status === "failed")
      this.#error ??= new FrameStreamError(error.error, error.code, error.retryable);
    if (this.#error) this.#reject(this.#error);
    else this.#resolve(resultOf(this.id, this.#progress));
    this.#wakeReaders();
  }
}
