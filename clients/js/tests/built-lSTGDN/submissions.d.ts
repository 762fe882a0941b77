/** The prompts of this page that the server does not tell as messages yet, with what is needed to send them. */
import type { Thread } from "./chat-thread.ts";
import type { Enclosed, OnBusy } from "./http.ts";
import type { Accepted } from "./wire.ts";
export interface Submission extends Readonly<Enclosed> {
    /** Of the answer's message; the idempotency key, too. */
    readonly id: string;
    /** Of the question's message; null if an answer is asked for again. */
    readonly questionId: string | null;
    readonly prompt: string;
    readonly model?: string | undefined;
    readonly onBusy?: OnBusy | undefined;
    /** The answer that the question follows, `root`, or undefined for the one that ended last. */
    readonly parentId?: string | undefined;
    /** The answer that is asked for again. */
    readonly regenerates?: string | undefined;
    /** The last message that is shown before it while it is on its way, null for none; undefined for the end of the path. */
    readonly cut?: string | null | undefined;
}
/** How far a submission is. */
export interface Delivery {
    readonly submission: Submission;
    /** The generations that were known when it was sent. */
    readonly known: ReadonlySet<string>;
    /** The server has accepted it, with a record of its chat. */
    readonly reply?: Accepted;
    /** What the server told before it replied, and that looks like this one. */
    readonly claim?: Claim | undefined;
    /** Refused, or accepted by a server that records no chats: the messages stay as they are here. */
    readonly isSettled?: boolean;
}
export interface Claim {
    readonly generationId: string;
    readonly questionId: string | null;
}
export declare class Submissions {
    #private;
    get(id: string): Delivery | undefined;
    begin(submission: Submission, thread: Thread): void;
    update(id: string, change: Partial<Delivery>): Delivery | undefined;
    delete(id: string): void;
    /** Those that the server has not answered, or that the thread does not have yet. */
    get underWay(): Delivery[];
    /** Those that the thread has by now. */
    arrived({ version }: Thread): Delivery[];
    /** Those without a reply of which the thread seems to tell, each with what it tells. */
    claimed(thread: Thread, isTaken: (generationId: string) => boolean): Generator<[Submission, Claim]>;
}
