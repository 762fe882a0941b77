/** What a page shows of a chat, read from the server: the messages of one path, and the answer that is being made. */
import { Branches } from "./chat-path.js";
import { caughtUp, NO_RECORD } from "./chat-thread.js";
export async function recordOf(client, chatId) {
    let thread = NO_RECORD;
    for (let since = 0, isMore = true; isMore;) {
        const reply = await client.chats.messages(chatId, { since });
        thread = caughtUp(thread, reply, { isWhole: false });
        ({ next_since: since, has_more: isMore } = reply);
    }
    const path = new Branches(thread).pathTo(thread.running?.questionId ?? thread.leaf);
    const messages = path.map(async ({ id }) => {
        const { role, text, has_parts: hasParts } = thread.messages.get(id);
        // The text outlives the parts, which may be kept no longer.
        const parts = hasParts ? await client.parts(id).catch(() => []) : [];
        return { id, role, text: text ?? "", parts };
    });
    return { messages: await Promise.all(messages), running: thread.running?.id ?? null };
}
