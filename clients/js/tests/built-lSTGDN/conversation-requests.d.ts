/** What a conversation changes by requests of its own: the chat's title, its queue, and whether there is a chat. */
import type { FrameStreamClient } from "./client.ts";
import type { Queue } from "./conversation-state.ts";
export interface ChatRequests {
    rename(title: string): Promise<void>;
    remove(): Promise<void>;
    queue: Pick<Queue, "edit" | "remove" | "resume">;
}
/** `expect` is told the version that the chat has then, if the reply tells it. */
export declare function chatRequests({ chats }: FrameStreamClient, chatId: string, expect: (version?: number) => void): ChatRequests;
