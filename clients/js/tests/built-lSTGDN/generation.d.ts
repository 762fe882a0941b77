/** One answer for the application: its text, its status, its result, and a way to cancel it. */
import type { GenerationTracker, Result, Step } from "./generation-tracker.ts";
import type { Accepted, Status } from "./messages.ts";
import type { AnswerPart } from "./parts.ts";
/** The code of a prompt that was cancelled before it was accepted. */
export declare const CANCELLED = "cancelled";
/** What a generation that is requested here has, and one that is only followed has not. */
export interface Submission {
    onCancel(): void;
    acceptance: Promise<Accepted>;
}
export declare class Generation implements AsyncIterable<string> {
    #private;
    readonly chatId: string;
    /** How it ended. Rejects with a `FrameStreamError` if it failed; the text until then stays in `text`. */
    readonly result: Promise<Result>;
    /** Resolves with its id once the server accepted it; rejects if it never does. */
    readonly accepted: Promise<string>;
    /** Resolves with the server's whole reply to the prompt: ids of its message, and whether it waits. Null if followed. */
    readonly acceptance: Promise<Accepted | null>;
    /** The message that it answers, once the generation was fetched. */
    readonly questionId: Promise<string | null>;
    /** @internal */
    constructor(tracker: Promise<GenerationTracker> | GenerationTracker, chatId: string, cancel: (id: string) => Promise<unknown>, { onCancel, acceptance }?: Partial<Submission>);
    /** Its id; null until the server has accepted it. */
    get id(): string | null;
    get status(): Status;
    /** The whole text so far. */
    get text(): string;
    /** The text so far, and what came before, within and after it: reasoning, sources, data. */
    get parts(): readonly AnswerPart[];
    /** The model that answered or, while it answers, that took the place of one that was not available; else null. */
    get model(): string | null;
    /** @internal */
    partsUpTo(text: string): readonly AnswerPart[];
    /** How often the model was asked; with a higher attempt the text starts again. */
    get attempt(): number;
    get hasEnded(): boolean;
    /**
     * Ask the server to stop writing. It ends as `cancelled`, unless it ends in another way first.
     *
     * A prompt that the server has not accepted ends at once, and is not sent any more. If it is on its way at this moment,
     * it is cancelled as soon as the server accepts it.
     */
    cancel(): Promise<void>;
    /**
     * The whole text so far, each time that there is more.
     *
     * The whole text and not the new piece, because a failing model is asked again, and then the text starts again. A slow
     * reader misses only intermediate steps.
     */
    [Symbol.asyncIterator](): AsyncGenerator<string, void, void>;
    /** The whole answer so far, in parts, each time that there is more of any of them. */
    steps(): AsyncGenerator<Step, void, void>;
}
