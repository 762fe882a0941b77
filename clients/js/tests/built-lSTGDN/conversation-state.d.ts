/** The state of a conversation for a page, and its options. */
import type { ChatMessage } from "./chat-messages.ts";
import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Enclosed, OnBusy } from "./http.ts";
import type { UserUsage } from "./wire.ts";
/** A prompt that waits until the answers before it have ended. */
export interface WaitingPrompt {
    /** Stays the same when it becomes a message. */
    readonly id: string;
    /** Null until the server has accepted it; only then it can be edited or removed. */
    readonly generationId: string | null;
    /** Empty if an answer is asked for again, or if it is very long. */
    readonly prompt: string;
}
export interface Queue {
    /** An answer was stopped; `resume` goes on. */
    readonly isPaused: boolean;
    readonly waiting: readonly WaitingPrompt[];
    /** These reject with a `FrameStreamError`: `not_found` if the prompt does not wait any more. */
    edit(generationId: string, prompt: string): Promise<void>;
    remove(generationId: string): Promise<void>;
    resume(): Promise<void>;
}
export interface ConversationState {
    /** The questions and answers of the selected branch. */
    readonly messages: readonly ChatMessage[];
    /** `ready` for a prompt; `submitted` until there is text; `streaming`; or `error`, and ready for another try. */
    readonly status: "ready" | "submitted" | "streaming" | "error";
    /** Why the last answer failed; each message has its own `error`. */
    readonly error: FrameStreamError | null;
    /** The phase of the connection. */
    readonly phase: Phase;
    /** The close code of the last lost or refused connection; null while it is open. */
    readonly closeCode: number | null;
    /** The server has told what it knows of the chat. Prompts can be sent before. */
    readonly isLoaded: boolean;
    /** The chat was deleted, here or elsewhere; the next prompt begins it anew. */
    readonly isDeleted: boolean;
    /** Empty until it gets one. */
    readonly title: string;
    readonly queue: Queue;
    /** An answer is being written that was not requested here. See the option `onBusy`. */
    readonly isBusyElsewhere: boolean;
    /** What the user has used, and the limits; null without the option `usage`. */
    readonly usage: UserUsage | null;
}
export interface Preferences {
    model?: string | undefined;
    /** Reveal text evenly; true unless set. */
    smooth?: boolean | undefined;
    /**
     * What happens to a prompt while the chat has a running answer: `reject` (unless set) fails with the code `busy`,
     * `queue` lets it wait, `interrupt` stops the running answer.
     */
    onBusy?: OnBusy | undefined;
}
export interface SendOptions extends Enclosed {
    /** In place of the conversation's own. */
    onBusy?: OnBusy | undefined;
}
export interface ConversationOptions extends Preferences {
    chatId: string;
    /**
     * Messages that the application stored. The server's own replace them; they are for what it does not know: prompts that
     * were not sent yet, and a server of a release that records no chats. Unfinished answers in them are followed.
     */
    messages?: readonly ChatMessage[];
    /** Ask for the user's usage, and again after each answer; false unless set. */
    usage?: boolean | undefined;
}
export declare function statusOf(messages: readonly ChatMessage[], error: FrameStreamError | null, isRunning: (id: string) => boolean): ConversationState["status"];
