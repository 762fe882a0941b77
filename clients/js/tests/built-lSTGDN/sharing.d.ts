/** Shares one conversation for each chat of a client between components; it stays while none shows it. */
import type { FrameStreamClient } from "./client.ts";
import { Conversation } from "./conversation.ts";
import type { ConversationOptions } from "./conversation-state.ts";
export declare function conversationOf(client: FrameStreamClient, options: ConversationOptions): Conversation;
