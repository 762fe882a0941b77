/** The user's chats, as a page lists them: in step with what is asked, renamed and deleted on any device. */
import type { FrameStreamClient } from "./client.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Chat } from "./wire.ts";
export interface ChatListState {
    /** The one that changed last first. */
    readonly chats: readonly Chat[];
    readonly isLoaded: boolean;
    /** There are older ones: see `more`. */
    readonly hasMore: boolean;
    /** Why the list could not be read; a release of the server that records no chats has an empty one. */
    readonly error: FrameStreamError | null;
}
export declare class ChatList {
    #private;
    constructor(client: FrameStreamClient, { limit }?: {
        limit?: number | undefined;
    });
    readonly subscribe: (subscriber: () => void) => (() => void);
    readonly state: () => ChatListState;
    /** Show the list: the socket stays open until the returned function is called. */
    join(): () => void;
    /** Read older chats. */
    readonly more: () => Promise<void>;
}
