/** What one client knows of one generation, and how it learns what nobody told it. */

import { pause } from "./backoff.ts";
import { FATAL_READ_STATUSES } from "./codes.ts";
import { FrameStreamError } from "./errors.ts";
import type { Http } from "./http.ts";
import type { GenerationMessage, Status, Usage } from "./messages.ts";
import type { Patience } from "./patience.ts";
import { advance, catchUp, isEnd, isIncomplete, START, type Progress } from "./progress.ts";

export interface Result {
  /** null if it was called back before the server had accepted it. */
  generationId: string | null;
  /** A cancelled answer keeps the text that it had. */
  status: "completed" | "cancelled";
  text: string;
  model: string | null;
  finishReason: string | null;
  usage: Usage | null;
}

/** What a story needs from the client that it belongs to. */
export interface Home {
  http: Http;
  environment: Patience;
  /** Milliseconds without a word about an unfinished answer, after which it is fetched: with a socket, and without. */
  stallTimeout: number;
  pollInterval: number;
  /** There is a socket that brings the answer. */
  isConnected(): boolean;
  /** Tell the application. */
  tell(news: GenerationMessage): void;
  /** Tell it that the answer cannot be followed any more. */
  complain(error: FrameStreamError): void;
  /** The socket said nothing for a while; is it alive? */
  suspect(): void;
}

/** Milliseconds. Text that is missing may not be stored yet: the server stores about once a second. */
export const STORING = 700;

export class Story {
  readonly id: string;
  readonly chatId: string;
  readonly result: Promise<Result>;
  #progress = START;
  #error: FrameStreamError | null = null;
  #resolve!: (result: Result) => void;
  #reject!: (error: FrameStreamError) => void;
  #waiting: (() => void)[] = [];
  #unwatch: () => void = () => {};
  #fetching = false;
  #failures = 0;
  readonly #home: Home;

  constructor(home: Home, id: string, chatId: string) {
    this.#home = home;
    this.id = id;
    this.chatId = chatId;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => {}); // Whoever does not ask for the result need not hear of its failure.
    this.watch();
  }

  get status(): Status {
    return this.#error ? "failed" : this.#progress.status;
  }

  get text(): string {
    return this.#progress.answer.text;
  }

  get attempt(): number {
    return this.#progress.answer.attempt;
  }

  get hasEnded(): boolean {
    return isEnd(this.status);
  }

  async *texts(): AsyncGenerator<string, void, void> {
    let told = "";
    for (;;) {
      const { text } = this;
      if (text !== told) yield (told = text);
      else if (this.#error) throw this.#error;
      else if (this.hasEnded) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  take(message: GenerationMessage): void {
    const before = this.#progress;
    const [progress, news] = advance(before, message);
    this.#turn(progress, news ? [news] : []);
    if (!isIncomplete(progress)) this.watch();
    else if (!isIncomplete(before)) void this.fetch();
  }

  /** Ask the server how it stands, now. */
  async fetch(): Promise<void> {
    if (this.#fetching || this.hasEnded) return;
    this.#fetching = true;
    const { length, attempt } = this.#progress.answer;
    try {
      const snapshot = await this.#home.http.read(this.id, { offset: length, attempt });
      this.#failures = 0;
      const [progress, news] = catchUp(this.#progress, snapshot); // It may have gone on meanwhile.
      this.#turn(progress, news);
      if (isIncomplete(progress)) this.#fetchAfter(STORING);
      else this.watch();
    } catch (error) {
      this.#stumble(error as FrameStreamError);
    } finally {
      this.#fetching = false;
    }
  }

  /** Ask the server after a while in which nothing is heard of it. */
  watch(): void {
    const { isConnected, stallTimeout, pollInterval } = this.#home;
    this.#fetchAfter(isConnected() ? stallTimeout : Math.min(pollInterval, stallTimeout));
  }

  fail(error: FrameStreamError): void {
    if (this.hasEnded) return;
    this.#error = error;
    this.#end();
  }

  /** The server completes an answer whatever happens on the way, so nothing but its own word ends the asking. */
  #stumble(error: FrameStreamError): void {
    if (this.hasEnded) return;
    if (FATAL_READ_STATUSES.includes(error.status)) {
      this.fail(error);
      return this.#home.complain(error);
    }
    const { environment } = this.#home;
    const ms = pause(++this.#failures, environment, environment.random());
    this.#fetchAfter(Math.max(ms, Math.min(error.retryAfter ?? 0, environment.longestRetryAfter)));
  }

  #turn(progress: Progress, news: readonly GenerationMessage[]): void {
    const hadEnded = this.hasEnded;
    this.#progress = progress;
    for (const message of news) this.#home.tell(message);
    if (this.hasEnded && !hadEnded) this.#end();
    else if (news.length) this.#changed();
  }

  #fetchAfter(ms: number): void {
    this.#unwatch();
    if (this.hasEnded) return;
    this.#unwatch = this.#home.environment.clock.after(ms, () => {
      this.#home.suspect();
      void this.fetch();
    });
  }

  #changed(): void {
    for (const go of this.#waiting.splice(0)) go();
  }

  #end(): void {
    this.#unwatch();
    const { error } = this.#progress;
    if (error && this.status === "failed")
      this.#error ??= new FrameStreamError(error.error, error.code, error.retryable);
    if (this.#error) this.#reject(this.#error);
    else this.#resolve(this.#result());
    this.#changed();
  }

  #result(): Result {
    const { id: generationId, text } = this;
    const { status, response } = this.#progress;
    const { model = null, finish_reason: finishReason = null, usage = null } = response ?? {};
    return { generationId, status: status as Result["status"], text, model, finishReason, usage };
  }
}
