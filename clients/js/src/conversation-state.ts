/** The state of a conversation for a page, and its options. */

import type { ChatMessage } from "./chat-messages.ts";
import type { Phase } from "./connection.ts";
import type { FrameStreamError } from "./errors.ts";

export interface ConversationState {
  readonly messages: readonly ChatMessage[];
  /** `ready` for a prompt; `submitted` until there is text; `streaming`; or `error`, and ready for another try. */
  readonly status: "ready" | "submitted" | "streaming" | "error";
  /** Why the last answer failed; each message has its own `error`. */
  readonly error: FrameStreamError | null;
  /** The phase of the connection. */
  readonly phase: Phase;
  /** The close code of the last lost or refused connection; null while it is open. */
  readonly closeCode: number | null;
}

export interface Preferences {
  model?: string | undefined;
  /** Reveal text evenly; true unless set. */
  smooth?: boolean | undefined;
}

export interface ConversationOptions extends Preferences {
  chatId: string;
  /** Messages shown before, after a reload for example. Unfinished answers in them are followed. */
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
