/**
 * Keeps a chat in step with the server.
 *
 * Each change makes the chat's next version and is told once, by a message that may be late, repeated or lost. Changes are
 * applied in the order of their versions; where one is missing, or may be, the server is asked once for all since.
 */
import { type Change, type Thread } from "./chat-thread.ts";
import type { FrameStreamError } from "./errors.ts";
import { type RetryEnvironment } from "./retry.ts";
import type { ChatMessages } from "./wire.ts";
/** Milliseconds for which a missing change may be late: the server's functions tell changes side by side. */
export declare const LATENESS = 250;
export interface SyncOptions {
    /** Ask the server for the messages since a version, without repetition. */
    read(since: number): Promise<ChatMessages>;
    environment: RetryEnvironment;
    /** Something is missing: call `catchUp` as soon as a reply will count. */
    onMissing(): void;
    onChange(): void;
    /** The server refuses to tell the chat. */
    onError(error: FrameStreamError): void;
}
export declare class ChatSync {
    #private;
    constructor(options: SyncOptions);
    get thread(): Thread;
    get isDeleted(): boolean;
    /** The server has told the chat, or refused to. */
    get isLoaded(): boolean;
    /** Nothing is being asked, and no change is known to be missing. */
    get isSettled(): boolean;
    /** The server is asked only while the chat is watched; what was missed before is asked for now. */
    watch(isWatched: boolean): void;
    take(change: Change): void;
    /** The chat has this version; its changes are told soon, or else asked for. */
    expect(version: number): void;
    setQuestion(generationId: string, questionId: string): void;
    /** Ask for what changed; once more after a request under way, whose reply may be older. */
    catchUp(): void;
    stop(): void;
}
