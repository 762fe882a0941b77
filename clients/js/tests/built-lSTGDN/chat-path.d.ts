/** Paths through the branches of a chat: which messages one reads, and which stand beside them. */
import type { Thread } from "./chat-thread.ts";
/** A message on a path; an answer that is being made is one, too. */
export interface Node {
    readonly id: string;
    readonly parentId: string | null;
    /** All messages with the same parent, this one included, the oldest first. */
    readonly siblings: readonly string[];
}
/** All branches of a thread, as questions and answers by their parents. */
export declare class Branches {
    #private;
    /** The answer that is being made, or else the one that ended last. */
    readonly tip: string | null;
    constructor({ messages, running, leaf }: Thread);
    has(id: string): boolean;
    parentOf(id: string): string | null;
    /** From the first message to this one. */
    pathTo(id: string | null): readonly Node[];
    /** The newest message below this one: where one goes on reading in its branch. */
    newestBelow(id: string): string;
}
