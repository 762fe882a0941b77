/** One answer, as an application holds it: its text, its status, its end, and a way to stop it. */

import type { Http } from "./http.ts";
import type { Status } from "./messages.ts";
import type { Result, Story } from "./story.ts";

export class Generation implements AsyncIterable<string> {
  readonly chatId: string;
  /** What it became. Rejects with a `FrameStreamError` if it failed; the text until then stays in `text`. */
  readonly result: Promise<Result>;
  /** Resolves with the server's name for it, once it was accepted. */
  readonly accepted: Promise<string>;
  #story: Story | null = null;
  #refused = false;
  readonly #coming: Promise<Story>;
  readonly #cancel: Http["cancel"];

  /** @internal */
  constructor(story: Promise<Story> | Story, chatId: string, cancel: Http["cancel"]) {
    this.chatId = chatId;
    this.#cancel = cancel;
    this.#coming = Promise.resolve(story);
    this.#coming.then(
      (came) => (this.#story = came),
      () => (this.#refused = true),
    );
    if (!(story instanceof Promise)) this.#story = story;
    this.accepted = this.#coming.then(({ id }) => id);
    this.result = this.#coming.then(({ result }) => result);
    // Whoever does not ask for these need not hear of their failure.
    for (const promise of [this.accepted, this.result]) promise.catch(() => {});
  }

  /** The server's name for it, if it was accepted already. */
  get id(): string | null {
    return this.#story?.id ?? null;
  }

  get status(): Status {
    return this.#refused ? "failed" : (this.#story?.status ?? "queued");
  }

  /** The whole text so far. */
  get text(): string {
    return this.#story?.text ?? "";
  }

  /** How often the model was asked; with a higher attempt the text starts again. */
  get attempt(): number {
    return this.#story?.attempt ?? 0;
  }

  get hasEnded(): boolean {
    return this.#refused || (this.#story?.hasEnded ?? false);
  }

  /** Ask the server to stop writing. It ends as `cancelled`, unless it ends in another way first. */
  async cancel(): Promise<void> {
    const { id, hasEnded } = await this.#coming;
    if (!hasEnded) await this.#cancel(id);
  }

  /**
   * The whole text so far, each time that there is more.
   *
   * It is the whole and not the new piece, because a model that breaks off is asked again, and then the text starts
   * again, too. A slow reader misses nothing but steps in between.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, void> {
    yield* (await this.#coming).texts();
  }
}
