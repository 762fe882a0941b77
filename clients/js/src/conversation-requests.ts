/** What a conversation changes by requests of its own: the chat's title, its queue, and whether there is a chat. */

import type { FrameStreamClient } from "./client.ts";
import type { Queue } from "./conversation-state.ts";

export interface ChatRequests {
  rename(title: string): Promise<void>;
  remove(): Promise<void>;
  queue: Pick<Queue, "edit" | "remove" | "resume">;
}

/** `expect` is told the version that the chat has then, if the reply tells it. */
export function chatRequests(
  { chats }: FrameStreamClient,
  chatId: string,
  expect: (version?: number) => void,
): ChatRequests {
  const changed = async (reply: Promise<{ chat_version: number }>) => expect((await reply).chat_version);
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
