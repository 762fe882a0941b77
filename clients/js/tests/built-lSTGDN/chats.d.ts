/** The calls about chats: their list, messages, titles and waiting prompts, and what the user has used. */
import type { Http } from "./http.ts";
import { type RetryEnvironment } from "./retry.ts";
import type { Chat, ChatMessages, ChatQueueChanged, Chats as ChatList, UserUsage } from "./wire.ts";
export interface ListOptions {
    /** How many chats at most; the server's own number unless set. */
    limit?: number | undefined;
    /** The `next` of the list before. */
    before?: string | undefined;
}
export interface MessagesOptions {
    /** Only what changed since this version of the chat; 0 unless set, which is everything. */
    since?: number | undefined;
    /** Only the messages on the path to this one. */
    leaf?: string | undefined;
    /** How many messages at most; the server's own number unless set. */
    limit?: number | undefined;
}
/** All calls are repeated while their failure may pass, until the client is closed. */
export declare class Chats {
    #private;
    /** @internal */
    constructor(http: Http, environment: RetryEnvironment, session: () => AbortSignal);
    /** The user's chats, the one that changed last first. */
    list({ limit, before }?: ListOptions): Promise<ChatList>;
    /** Messages of all branches, the oldest first; with `has_more` there are more since `next_since`. */
    messages(chatId: string, { since, leaf, limit }?: MessagesOptions): Promise<ChatMessages>;
    /**
     * The same without repetition.
     * @internal
     */
    read(chatId: string, since: number): Promise<ChatMessages>;
    rename(chatId: string, title: string): Promise<Chat>;
    /** Delete a chat with its questions and answers. What is running in it is cancelled. */
    delete(chatId: string): Promise<void>;
    /** What the user has used today and this month, and the limits. */
    usage(): Promise<UserUsage>;
    /** The prompts that wait in a chat. A prompt that does not wait any more is `not_found`. */
    readonly queue: {
        edit: (chatId: string, generationId: string, prompt: string) => Promise<ChatQueueChanged>;
        remove: (chatId: string, generationId: string) => Promise<ChatQueueChanged>;
        /** Go on after a stop, which pauses the queue. */
        resume: (chatId: string) => Promise<ChatQueueChanged>;
    };
}
