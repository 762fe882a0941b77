/**
 * The progress of a generation, and what is new in a message about it.
 *
 * After each reconnect the server repeats an unfinished answer from its start, the two sockets of a roll-over bring each
 * message twice, and a fetched snapshot repeats earlier frames. This module merges all of them, so that the application
 * gets everything exactly once.
 */
import { type Answer } from "./answer.ts";
import type { GenerationMessage, GenerationState, LlmError, ResponseData, Status } from "./messages.ts";
import { type Parts } from "./parts.ts";
export interface Progress {
    readonly answer: Answer;
    /** What belongs to the answer beside its text. */
    readonly parts: Parts;
    /** The latest status of this attempt. */
    readonly status: Status;
    readonly thought: boolean;
    /** The model that answers, where the server said so. */
    readonly model: string | null;
    readonly response: ResponseData | null;
    readonly error: LlmError | null;
}
/** The new progress, and the message reduced to what is new in it; null if nothing is. */
export type Advance = readonly [Progress, GenerationMessage | null];
export declare const START: Progress;
/** An unknown status is not an end. */
export declare function isEnd(status: Status): boolean;
/** Something exists on the server that did not arrive; only a snapshot brings it. */
export declare function isIncomplete({ answer, parts, status, response, error }: Progress): boolean;
/** Apply a message. An unknown, late, malformed or repeated one changes nothing. */
export declare function advance(before: Progress, message: GenerationMessage): Advance;
/** Apply a snapshot. A finished one is complete, even if more text was known to exist. */
export declare function catchUp(before: Progress, snapshot: GenerationState): readonly [Progress, readonly GenerationMessage[]];
