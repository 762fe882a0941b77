/** What subscribers of a conversation see: its state, made anew with each change, in which equal things stay the same. */
import type { FrameStreamClient } from "./client.ts";
import type { Answers } from "./conversation-answers.ts";
import type { Prompts } from "./conversation-prompts.ts";
import { type ConversationState, type Queue } from "./conversation-state.ts";
import type { ConversationThread } from "./conversation-thread.ts";
import type { FrameStreamError } from "./errors.ts";
export interface StoreOptions {
    client: FrameStreamClient;
    thread: ConversationThread;
    answers: Answers;
    prompts: Prompts;
    /** How a page changes the queue. */
    queue: Pick<Queue, "edit" | "remove" | "resume">;
}
export declare class ConversationStore {
    #private;
    /** Shown with the next update. */
    error: FrameStreamError | null;
    constructor(options: StoreOptions);
    readonly state: () => ConversationState;
    readonly subscribe: (subscriber: () => void) => (() => void);
    update(): void;
    refreshUsage(): void;
}
