/** What a conversation changes by requests of its own: the chat's title, its queue, and whether there is a chat. */
/** `expect` is told the version that the chat has then, if the reply tells it. */
export function chatRequests({ chats }, chatId, expect) {
    const changed = async (reply) => expect((await reply).chat_version);
    return {
        rename: async (title) => expect((await chats.rename(chatId, title)).version),
        remove: async () => {
            await chats.delete(chatId);
            expect();
        },
        queue: {
            edit: async (generationId, prompt) => changed(chats.queue.edit(chatId, generationId, prompt)),
            remove: async (generationId) => changed(chats.queue.remove(chatId, generationId)),
            resume: async () => changed(chats.queue.resume(chatId)),
        },
    };
}
