/** What is asked in a conversation and not, or not yet, a message on the server: sent, refused, or brought along. */
import { type ChatMessage } from "./chat-messages.ts";
import type { Branches } from "./chat-path.ts";
import type { Change, Thread } from "./chat-thread.ts";
import type { FrameStreamClient } from "./client.ts";
import type { WaitingPrompt } from "./conversation-state.ts";
import type { Seen } from "./conversation-view.ts";
import type { Generation } from "./generation.ts";
import { ShownIds } from "./shown-ids.ts";
import { type Submission } from "./submissions.ts";
export interface PromptsOptions {
    client: FrameStreamClient;
    chatId: string;
    thread(): Thread;
    branches(): Branches;
    /** Show the answer of a prompt that was sent. */
    show(id: string, generation: Generation): void;
    received(id: string): Partial<ChatMessage> | undefined;
    /** The server has accepted a prompt, as a change of its chat. */
    onAccepted(change: Change): void;
    /** Something else is in the way, which may not be known here. */
    onStale(generationId: string | undefined): void;
    onChange(): void;
}
export declare class Prompts {
    #private;
    readonly ids: ShownIds;
    constructor(options: PromptsOptions, stored: readonly ChatMessage[] | undefined);
    /** A prompt is on its way, and an answer that is not known may be its own. */
    get isSubmitting(): boolean;
    get isUnderWay(): boolean;
    isOwn(generationId: string): boolean;
    has(generationId: string): boolean;
    begin(submission: Submission): void;
    /** Show an answer of a server that does not record chats, and that was requested elsewhere. */
    adopt(generation: Generation): void;
    /** Ask again for an answer that only this page has: in its place. */
    again(old: ChatMessage, preferred: Pick<Submission, "model" | "onBusy">): void;
    /** Send a prompt that the page was left with before it was accepted. */
    resubmit({ id, prompt, responseFormat }: ChatMessage, preferred: Pick<Submission, "model" | "onBusy">): void;
    /** Remove an answer that was requested elsewhere and cancelled before it had text. */
    removeForeign(id: string): void;
    restore(stored: readonly ChatMessage[]): void;
    /** Compare with what the server tells: what it has is shown from there. */
    onThread(thread: Thread): void;
    /** The chat was deleted, and with it all that was asked and answered here. */
    forget({ messages, running, queue }: Thread): void;
    /** What there is to show of them. */
    get seen(): Pick<Seen, "locals" | "placeOf" | "cut" | "shownId" | "attached">;
    /** The prompts that wait on the server, and then those that are on their way there to wait. */
    get waiting(): WaitingPrompt[];
}
