/** What a page sees of a chat, and what it may say about it. */

import type { ChatMessage } from "./chat-messages.ts";
import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";

export interface ConversationState {
  readonly messages: readonly ChatMessage[];
  /** `ready` for a prompt; `submitted` until there is text; `streaming`; or `error`, and ready for another try. */
  readonly status: "ready" | "submitted" | "streaming" | "error";
  /** Why the last answer failed; each message has its own `error`. */
  readonly error: FrameStreamError | null;
  /** How the connection stands. */
  readonly phase: Phase;
  /** The close code with which the connection was refused or lost last; null while it is open. */
  readonly closeCode: number | null;
}

export interface Preferences {
  model?: string | undefined;
  /** Reveal text evenly; true unless said otherwise. */
  smooth?: boolean | undefined;
}

export interface ConversationOptions extends Preferences {
  chatId: string;
  /** What was shown before, after a reload for example. Unfinished answers in it are taken up. */
  messages?: readonly ChatMessage[];
}

export function statusOf(
  { messages, error }: Pick<ConversationState, "messages" | "error">,
  isRunning: (id: string) => boolean,
): ConversationState["status"] {
  const running = messages.filter(({ id }) => isRunning(id));
  if (running.some(({ text }) => text)) return "streaming";
  if (running.length) return "submitted";
  return error ? "error" : "ready";
}
