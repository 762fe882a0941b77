/** Shares one conversation for each chat of a client between components; it stays while none shows it. */
import { Conversation } from "./conversation.js";
const MAX_CONVERSATIONS = 100;
const conversationsOf = new WeakMap();
export function conversationOf(client, options) {
    // Nothing is shared on a server, where one client may render the pages of many users.
    if (typeof window === "undefined")
        return new Conversation(client, options);
    const known = conversationsOf.get(client) ?? new Map();
    conversationsOf.set(client, known);
    const conversation = known.get(options.chatId) ?? new Conversation(client, options);
    known.delete(options.chatId);
    known.set(options.chatId, conversation); // The most recently used one is dropped last.
    for (const [chatId, { isIdle }] of known) {
        if (known.size <= MAX_CONVERSATIONS)
            break;
        if (isIdle && chatId !== options.chatId)
            drop(known, chatId);
    }
    return conversation;
}
function drop(known, chatId) {
    known.get(chatId)?.end();
    known.delete(chatId);
}
