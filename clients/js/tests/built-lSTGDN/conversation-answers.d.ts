/** The answers of a conversation as they come in: which are being written, and what this page has received of each. */
import { type ChatMessage } from "./chat-messages.ts";
import type { FrameStreamClient } from "./client.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { Status } from "./messages.ts";
export interface AnswersOptions {
    client: FrameStreamClient;
    chatId: string;
    isSmooth(): boolean;
    onChange(): void;
    onEnd(id: string, generation: Generation, error: FrameStreamError | null): void;
}
export interface Following {
    /** It has just begun. */
    isNew: boolean;
    /** Whether the question that it answers is known; otherwise it is fetched with the answer. */
    hasQuestion: boolean;
}
/** Answers are named by the ids of their messages, as they are shown. */
export declare class Answers {
    #private;
    constructor(options: AnswersOptions);
    /** None is being written. */
    get isIdle(): boolean;
    readonly isRunning: (id: string) => boolean;
    readonly received: (id: string) => Partial<ChatMessage> | undefined;
    generation(id: string): Generation | undefined;
    receive(id: string, change: Partial<ChatMessage>): void;
    forget(id: string): void;
    /** Update the status of an answer without text; later, its status follows the displayed text. */
    updateStatus(id: string, status: Status): void;
    /** Cancel all but those that wait for their turn. */
    stop(isWaiting: (generationId: string) => boolean): void;
    /** Follow an answer, unless it is being followed, or its end is known. */
    follow(id: string, generationId: string, { isNew, hasQuestion }: Following): void;
    show(id: string, generation: Generation): Promise<void>;
}
