/** One answer, as an application holds it: its text, its status, its end, and a way to stop it. */

import type { FrameStreamError } from "./errors.ts";
import type { Status } from "./messages.ts";
import type { Result, Story } from "./story.ts";

/** The code of a prompt that was called back before it was accepted. */
export const CALLED_BACK = "cancelled";

const NOTHING: Result = {
  ...{ generationId: null, status: "cancelled", text: "" },
  ...{ model: null, finishReason: null, usage: null },
};

export class Generation implements AsyncIterable<string> {
  readonly chatId: string;
  /** What it became. Rejects with a `FrameStreamError` if it failed; the text until then stays in `text`. */
  readonly result: Promise<Result>;
  /** Resolves with the server's name for it, once it was accepted; rejects if it never was. */
  readonly accepted: Promise<string>;
  #story: Story | null = null;
  /** How it ended without ever being accepted. */
  #unaccepted: "failed" | "cancelled" | null = null;
  readonly #coming: Promise<Story>;
  readonly #cancel: (id: string) => Promise<unknown>;
  readonly #callBack: () => void;

  /** @internal */
  constructor(
    story: Promise<Story> | Story,
    chatId: string,
    cancel: (id: string) => Promise<unknown>,
    callBack: () => void = () => {},
  ) {
    this.chatId = chatId;
    this.#cancel = cancel;
    this.#callBack = callBack;
    this.#coming = Promise.resolve(story);
    this.#coming.then(
      (came) => {
        this.#story = came;
        this.#unaccepted = null;
      },
      (error: FrameStreamError) => (this.#unaccepted ??= error.code === CALLED_BACK ? "cancelled" : "failed"),
    );
    if (!(story instanceof Promise)) this.#story = story;
    this.accepted = this.#coming.then(({ id }) => id);
    this.result = this.#coming.then(
      ({ result }) => result,
      (error: FrameStreamError) => {
        if (error.code === CALLED_BACK) return NOTHING;
        throw error;
      },
    );
    // Whoever does not ask for these need not hear of their failure.
    for (const promise of [this.accepted, this.result]) promise.catch(() => {});
  }

  /** The server's name for it, if it was accepted already. */
  get id(): string | null {
    return this.#story?.id ?? null;
  }

  get status(): Status {
    return this.#unaccepted ?? this.#story?.status ?? "queued";
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
    return this.#unaccepted !== null || (this.#story?.hasEnded ?? false);
  }

  /**
   * Ask the server to stop writing. It ends as `cancelled`, unless it ends in another way first.
   *
   * A prompt that was not accepted yet ends at once, and is not sent any more. One that is on its way at this moment is
   * cancelled as soon as the server accepts it.
   */
  async cancel(): Promise<void> {
    if (!this.#story && !this.#unaccepted) {
      this.#unaccepted = "cancelled";
      return this.#callBack();
    }
    if (this.#story && !this.hasEnded) await this.#cancel(this.#story.id);
  }

  /**
   * The whole text so far, each time that there is more.
   *
   * It is the whole and not the new piece, because a model that breaks off is asked again, and then the text starts
   * again, too. A slow reader misses nothing but steps in between.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, void> {
    const story = await this.#coming.catch((error: FrameStreamError) => {
      if (error.code !== CALLED_BACK) throw error;
    });
    if (story) yield* story.texts();
  }
}
