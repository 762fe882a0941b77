/** One conversation for each chat of a client, whichever components show it, and while none does. */

import type { FrameStreamClient } from "./client.ts";
import { Conversation } from "./conversation.ts";
import type { ConversationOptions } from "./conversation-state.ts";

const MOST = 100;

const ofClients = new WeakMap<FrameStreamClient, Map<string, Conversation>>();

export function conversationOf(client: FrameStreamClient, options: ConversationOptions): Conversation {
  // Nothing is shared on a server: there, one client may render the pages of many users.
  if (typeof window === "undefined") return new Conversation(client, options);
  const known = ofClients.get(client) ?? new Map<string, Conversation>();
  ofClients.set(client, known);
  const conversation = known.get(options.chatId) ?? new Conversation(client, options);
  known.delete(options.chatId);
  known.set(options.chatId, conversation); // The one that was wanted last is dropped last.
  for (const [chatId, { isIdle }] of known) {
    if (known.size <= MOST) break;
    if (isIdle && chatId !== options.chatId) drop(known, chatId);
  }
  return conversation;
}

function drop(known: Map<string, Conversation>, chatId: string): void {
  known.get(chatId)?.end();
  known.delete(chatId);
}
