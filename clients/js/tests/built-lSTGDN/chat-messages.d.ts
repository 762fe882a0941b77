/** The messages of a chat as plain data, which a page may store, and what follows from them. */
import type { FrameStreamError } from "./errors.ts";
import type { ContextSeen, ResponseFormat, Status, Usage } from "./messages.ts";
import type { AnswerPart } from "./parts.ts";
export interface ChatMessage {
    readonly id: string;
    readonly role: "user" | "assistant";
    readonly text: string;
    /** The status of an answer; a prompt is always `completed`. */
    readonly status: Status;
    readonly generationId: string | null;
    /** The prompt of an answer; null if it is unknown, because another tab sent it. */
    readonly prompt?: string | null;
    /** What a question was sent with, if anything. */
    readonly attachments?: readonly string[];
    /** The form in which an answer was asked for here; missing for any text. */
    readonly responseFormat?: ResponseFormat;
    /** Why an answer failed. */
    readonly error?: Failure | null;
    /** Its id on the server, the same on all devices; missing while it is only here. */
    readonly messageId?: string;
    /** Other versions of it: of a question those that were edited, of an answer those that were asked for again. */
    readonly siblings?: Siblings;
    readonly createdAt?: string;
    /** The model that answered. */
    readonly model?: string | null;
    /** If an answer has more than text: its parts in their order, the text in between them. */
    readonly parts?: readonly AnswerPart[];
    /** It has parts beside its text, which may be on the server alone: `useParts` reads them. */
    readonly hasParts?: boolean;
    readonly usage?: Usage | null;
    /** Millionths of a dollar; null if the model has no price. */
    readonly cost?: number | null;
    /** What the model saw of the conversation before the question. */
    readonly context?: ContextSeen | null;
}
export interface Siblings {
    /** From 0, the oldest. */
    readonly index: number;
    readonly count: number;
    /** Give these to `select`. */
    readonly previous: string | null;
    readonly next: string | null;
}
export interface Failure {
    /** A sentence for people. */
    readonly message: string;
    readonly code: number | string;
    readonly retryable: boolean;
    /** When asking again may help, in milliseconds since 1970; null if the server did not say. */
    readonly retryAt: number | null;
}
export declare const UNKNOWN_PROMPT: Failure;
export declare function hasEnded({ status }: Pick<ChatMessage, "status">): boolean;
/** Whether the message is an answer whose end is unknown: it may be running, or complete by now. */
export declare function isOpen({ role, status, generationId, error }: ChatMessage): boolean;
/** Whether `regenerate` can repeat the prompt of this message. */
export declare function canRegenerate(message: ChatMessage | undefined): boolean;
/** Give an answer that was stored without its prompt the user's message before it, unless another answer is between. */
export declare function withPrompts(messages: readonly ChatMessage[]): readonly ChatMessage[];
/** The stored messages, replaced by known ones where there are any, and then the known ones that are not stored. */
export declare function merged(known: readonly ChatMessage[], stored: readonly ChatMessage[], gone: ReadonlySet<string>): readonly ChatMessage[];
export declare function failureOf(error: FrameStreamError, now: number): Failure;
