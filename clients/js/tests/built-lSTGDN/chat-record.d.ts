/** What a page shows of a chat, read from the server: the messages of one path, and the answer that is being made. */
import type { FrameStreamClient } from "./client.ts";
import type { AnswerPart } from "./parts.ts";
export interface RecordedMessage {
    readonly id: string;
    readonly role: "user" | "assistant";
    readonly text: string;
    /** Of an answer that has more than text. */
    readonly parts: readonly AnswerPart[];
}
export interface ChatRecord {
    /** Without the answer that is being made, which is followed. */
    readonly messages: readonly RecordedMessage[];
    /** The id of the answer that is being made. */
    readonly running: string | null;
}
export declare function recordOf(client: FrameStreamClient, chatId: string): Promise<ChatRecord>;
