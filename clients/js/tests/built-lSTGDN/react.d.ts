/** A chat in a React component. */
import { type ChatListState } from "./chat-list.ts";
import type { ChatMessage } from "./chat-messages.ts";
import type { FrameStreamClient } from "./client.ts";
import type { ConversationOptions, ConversationState, SendOptions } from "./conversation-state.ts";
import type { Enclosed } from "./http.ts";
import type { AnswerPart } from "./parts.ts";
export { canRegenerate, type ChatMessage, type Failure, type Siblings } from "./chat-messages.ts";
export type { ChatListState } from "./chat-list.ts";
export type { ConversationState, Queue, SendOptions, WaitingPrompt } from "./conversation-state.ts";
export interface FrameStreamOptions extends ConversationOptions {
    /** Create one for the whole page, outside of components: it holds the socket. */
    client: FrameStreamClient;
}
export interface FrameStream extends ConversationState {
    /** Ask, after the last message that is shown. */
    send(prompt: string, options?: SendOptions): void;
    /** Cancel what is being answered; prompts that wait then wait until `queue.resume`. */
    stop(): void;
    /** Ask again for an answer (the last one, if no id is given), which stays beside the new one. See `canRegenerate`. */
    regenerate(messageId?: string): void;
    /** Ask in the place of a question, with its attachments unless others are given. The former one stays beside it. */
    edit(messageId: string, prompt: string, enclosed?: Enclosed): void;
    /** Show another version of a message and what follows it: `previous` or `next` of its `siblings`. */
    select(messageId: string): void;
    /** Give the chat a title, on all devices. */
    rename(title: string): Promise<void>;
    /** Delete the chat with all its messages, on all devices. */
    remove(): Promise<void>;
}
/**
 * Components that show the same chat with the same client share its conversation, which stays while none shows it.
 * `messages` count when a component begins to show it, the other options from the next prompt on.
 */
export declare function useFrameStream({ client, ...options }: FrameStreamOptions): FrameStream;
/**
 * The parts of an answer, also of one that was given before the page was loaded: then they are read, once, and an answer is
 * its text until they arrive, or if they cannot be read.
 */
export declare function useParts(client: FrameStreamClient, message: ChatMessage): readonly AnswerPart[];
export interface Chats extends ChatListState {
    /** Read older chats. */
    more(): Promise<void>;
}
/** The user's chats, in step with all devices. `limit` is the number of chats that are read at once. */
export declare function useChats({ client, limit }: {
    client: FrameStreamClient;
    limit?: number;
}): Chats;
