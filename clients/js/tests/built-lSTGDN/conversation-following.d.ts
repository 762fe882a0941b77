/** The answers that a conversation follows: of the path that is shown, unfinished ones, and those asked for elsewhere. */
import { type ChatMessage } from "./chat-messages.ts";
import type { FrameStreamClient } from "./client.ts";
import type { Answers } from "./conversation-answers.ts";
import type { Prompts } from "./conversation-prompts.ts";
import type { Preferences } from "./conversation-state.ts";
import type { ConversationThread } from "./conversation-thread.ts";
/** What a conversation is made of. */
export interface Parts {
    client: FrameStreamClient;
    chatId: string;
    thread: ConversationThread;
    answers: Answers;
    prompts: Prompts;
    /** Answers of which a message came, but not their question. */
    missed: Set<string>;
}
/** Follow what is being answered, and read the answers of the path whose texts are not known. */
export declare function followPath(parts: Parts): void;
/** Follow the answers that are shown as unfinished, and send the prompts that were not sent. */
export declare function followUnfinished({ client, chatId, answers, prompts }: Parts, shown: readonly ChatMessage[], preferences: Pick<Preferences, "model" | "onBusy">): void;
/** Show this chat's answers that were requested elsewhere, where the server does not record its chats. */
export declare function adopt({ client, chatId, thread, prompts, missed }: Parts, ofChat?: string): void;
