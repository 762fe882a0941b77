/** What one client knows of one generation, and how it learns what nobody told it. */

import type { Environment } from "./environment.ts";
import { FrameStreamError } from "./errors.ts";
import type { Http } from "./http.ts";
import type { GenerationMessage, Status, Usage } from "./messages.ts";
import { advance, catchUp, isEnd, isIncomplete, START, type Progress } from "./progress.ts";

export interface Result {
  generationId: string;
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
  environment: Environment;
  /** Milliseconds without a word about an unfinished answer, after which it is fetched. */
  stallTimeout: number;
  /** Tell the application. */
  tell(news: GenerationMessage): void;
  /** The socket said nothing for a while; is it alive? */
  suspect(): void;
  /** The client no longer tries to connect. */
  isOver(): boolean;
}

/** Text that is missing may not be stored yet: the server stores about once a second. */
const STORING = 700;

export class Story {
  readonly id: string;
  readonly chatId: string;
  readonly result: Promise<Result>;
  #progress = START;
  #error: FrameStreamError | null = null;
  #ending = Promise.withResolvers<Result>();
  #change = Promise.withResolvers<void>();
  #unwatch: () => void = () => {};
  #fetching = false;
  readonly #home: Home;

  constructor(home: Home, id: string, chatId: string) {
    this.#home = home;
    this.id = id;
    this.chatId = chatId;
    this.result = this.#ending.promise;
    this.result.catch(() => {}); // Whoever does not ask for the result need not hear of its failure.
    this.#watch(home.stallTimeout);
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
      const change = this.#change.promise;
      const { text } = this;
      if (text !== told) yield (told = text);
      else if (this.#error) throw this.#error;
      else if (this.hasEnded) return;
      else await change;
    }
  }

  take(message: GenerationMessage): void {
    const before = this.#progress;
    const [progress, news] = advance(before, message);
    this.#turn(progress, news ? [news] : []);
    if (!isIncomplete(progress)) this.#watch(this.#home.stallTimeout);
    else if (!isIncomplete(before)) void this.fetch();
  }

  /** Ask the server how it stands. */
  async fetch(): Promise<void> {
    if (this.#fetching || this.hasEnded) return;
    this.#fetching = true;
    const { length, attempt } = this.#progress.answer;
    try {
      const snapshot = await this.#home.http.read(this.id, { offset: length, attempt });
      const [progress, news] = catchUp(this.#progress, snapshot); // It may have gone on meanwhile.
      this.#turn(progress, news);
      this.#watch(isIncomplete(progress) ? STORING : this.#home.stallTimeout);
    } catch (error) {
      this.#stumble(error as FrameStreamError);
    } finally {
      this.#fetching = false;
    }
  }

  fail(error: FrameStreamError): void {
    if (this.hasEnded) return;
    this.#error = error;
    this.#end();
  }

  /** Without a socket, and with none to come, nobody will tell the rest. */
  #stumble(error: FrameStreamError): void {
    if (!error.retryable || this.#home.isOver()) this.fail(error);
    else this.#watch(this.#home.stallTimeout);
  }

  #turn(progress: Progress, news: readonly GenerationMessage[]): void {
    const hadEnded = this.hasEnded;
    this.#progress = progress;
    for (const message of news) this.#home.tell(message);
    if (this.hasEnded && !hadEnded) this.#end();
    else if (news.length) this.#changed();
  }

  #watch(ms: number): void {
    this.#unwatch();
    if (this.hasEnded) return;
    this.#unwatch = this.#home.environment.clock.after(ms, () => {
      this.#home.suspect();
      void this.fetch();
    });
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #end(): void {
    this.#unwatch();
    const { error } = this.#progress;
    if (error) this.#error ??= new FrameStreamError(error.error, error.code, error.retryable);
    if (this.#error) this.#ending.reject(this.#error);
    else this.#ending.resolve(this.#result());
    this.#changed();
  }

  #result(): Result {
    const { id: generationId, text } = this;
    const { status, response } = this.#progress;
    const { model = null, finish_reason: finishReason = null, usage = null } = response ?? {};
    return { generationId, status: status as Result["status"], text, model, finishReason, usage };
  }
}
