/** The server's side of a conversation: its thread, kept in step while it is shown, and the path of it that is read. */
import { Branches } from "./chat-path.ts";
import type { Change, Thread } from "./chat-thread.ts";
import type { FrameStreamClient } from "./client.ts";
import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Message } from "./messages.ts";
export interface ThreadOptions {
    client: FrameStreamClient;
    chatId: string;
    /** The thread is another one, or the server was asked. */
    onChange(before: Thread): void;
    onError(error: FrameStreamError): void;
    /** The server is asked what changed. */
    onAsk(): void;
}
export declare class ConversationThread {
    #private;
    constructor(options: ThreadOptions);
    get current(): Thread;
    get branches(): Branches;
    /** The last message of the path that is read. */
    get end(): string | null;
    /** The last message of that path, if it is an answer that has ended. */
    get lastAnswer(): string | undefined;
    get isLoaded(): boolean;
    get isSettled(): boolean;
    get isDeleted(): boolean;
    has(generationId: string): boolean;
    select(id: string): boolean;
    watch(isWatched: boolean): void;
    /** Ask for the history. */
    load(): void;
    /** What was missed without a socket is asked for; if none opens, what waits for it is asked for without one. */
    onPhase(phase: Phase): void;
    catchUp(): void;
    /** The page is looked at again, and may have slept. */
    wake(): void;
    receive(message: Message): void;
    take(change: Change): void;
    /** The chat has this version; unless one is given, one that was not told. */
    expect(version?: number): void;
    setQuestion(generationId: string, questionId: string): void;
    stop(): void;
}
