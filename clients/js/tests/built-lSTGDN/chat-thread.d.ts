/** A chat as the server records it, as far as this client knows: its messages, and what each change makes of them. */
import type { Status } from "./messages.ts";
import type { ChatEvent, ChatMessage, ChatMessages, ChatQueue } from "./wire.ts";
export interface Running {
    readonly id: string;
    /** The question that it answers; null until that is known. */
    readonly questionId: string | null;
    /** It was told as it began, so the socket brings all of it. */
    readonly isNew: boolean;
}
export interface Thread {
    /** Everything up to this version is known; 0 without a record. */
    readonly version: number;
    /** When it changed last, on the server's clocks; a chat that was created later is another one with the same id. */
    readonly updatedAt: string;
    readonly title: string;
    /** The answer that ended last. */
    readonly leaf: string | null;
    readonly running: Running | null;
    readonly queue: ChatQueue;
    readonly messages: ReadonlyMap<string, ChatMessage>;
}
/** The end of an answer, which changes its chat, too. */
export interface Ended {
    readonly event: "ended";
    readonly version: number;
    readonly timestamp: string;
    readonly generation_id: string;
    readonly status: Status;
}
/** `isOwn`: the prompt was sent from here, so its text is known as a whole. */
export type Change = Ended | (Omit<ChatEvent, "type" | "user_id" | "chat_id"> & {
    isOwn?: true;
});
export declare const NO_RECORD: Thread;
/** The thread after the change that made its next version; null if only the server can say what it is then. */
export declare function applied(thread: Thread, change: Change): Thread | null;
/** A title as the server makes it of the first prompt. */
export declare function titleOf(prompt: string): string;
/** The thread with the messages of a reply, and with its head, unless what is known is newer. */
export declare function caughtUp(thread: Thread, reply: ChatMessages, { isWhole }: {
    isWhole: boolean;
}): Thread;
/** Whether a reply is about another chat than the one that is known: that was deleted. */
export declare function isAnother({ version, updatedAt }: Thread, { chat }: ChatMessages): boolean;
/** The thread of a running answer whose question is known now. */
export declare function withQuestion(thread: Thread, id: string, questionId: string): Thread;
