/** One chat, as a page shows it: a store that changes with what is asked and answered, here and elsewhere. */
import { type ChatMessage } from "./chat-messages.ts";
import type { FrameStreamClient } from "./client.ts";
import { type ConversationOptions, type ConversationState, type Preferences, type SendOptions } from "./conversation-state.ts";
import type { Enclosed } from "./http.ts";
export declare class Conversation {
    #private;
    constructor(client: FrameStreamClient, options: ConversationOptions);
    readonly subscribe: (subscriber: () => void) => () => void;
    readonly state: () => ConversationState;
    /** No component shows it, and no answer of it is being written. */
    get isIdle(): boolean;
    /**
     * Show the conversation: the socket stays open until the returned function is called. The conversation receives
     * messages of its chat from the first call on until `end`, shown or not.
     */
    join(stored?: readonly ChatMessage[]): () => void;
    /** Receive no more messages. */
    end(): void;
    /** Set the preferences for the next prompts. */
    setPreferences(preferences: Preferences): void;
    /** Ask, after the last message of the path that is shown. */
    readonly send: (prompt: string, options?: SendOptions) => void;
    /**
     * Ask in the place of a question, with its attachments unless others are given. The former one, and what follows it,
     * stays beside it.
     */
    readonly edit: (messageId: string, prompt: string, enclosed?: Enclosed) => void;
    /** Cancel all running answers of this conversation. If prompts wait, they wait until the queue is resumed. */
    readonly stop: () => void;
    /** Ask again for an answer (the last one, if no id is given), which stays beside the new one. See `canRegenerate`. */
    readonly regenerate: (id?: string) => void;
    /** Show another version of a message, and what follows it: an id of its `siblings`. */
    readonly select: (messageId: string) => void;
    /** Give the chat a title, on all devices. */
    readonly rename: (title: string) => Promise<void>;
    /** Delete the chat with all its messages, on all devices. */
    readonly remove: () => Promise<void>;
}
