/** What a page shows of a conversation: one path through the server's messages, and between them what is only here. */
import { type ChatMessage } from "./chat-messages.ts";
import type { Branches } from "./chat-path.ts";
import type { Thread } from "./chat-thread.ts";
export interface Seen {
    thread: Thread;
    branches: Branches;
    /** The last message of the path. */
    end: string | null;
    /** Messages that only this page has. */
    locals: readonly ChatMessage[];
    /** The message on the server after which a local one stands; null before all, undefined after all. */
    placeOf(id: string): string | null | undefined;
    /** The path ends here while a prompt is on its way that branches off; null before all, undefined nowhere. */
    cut: string | null | undefined;
    /** Under which id a message of the server is shown. */
    shownId(id: string): string;
    /** What this page has received of an answer, by the id under which it is shown. */
    received(id: string): Partial<ChatMessage> | undefined;
    isRunning(id: string): boolean;
    /** What a question was sent with from here, by the id under which it is shown: no message on the socket tells it. */
    attached(id: string): readonly string[] | undefined;
}
export declare function messagesOf(seen: Seen): ChatMessage[];
/** Whether a connection ended, and not the answer. */
export declare function isCutOff({ status, error }: Partial<ChatMessage>): boolean;
