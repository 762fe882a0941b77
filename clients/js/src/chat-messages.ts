/** The messages of a chat as plain data, which a page may store, and what follows from them. */

import type { FrameStreamError } from "./errors.ts";
import type { ContextSeen, ResponseFormat, Status, Usage } from "./messages.ts";
import type { AnswerPart } from "./parts.ts";

export interface ChatMessage {
  readonly id: string;
  readonly role: "user" | "assistant";
  readonly text: string;
  /** The status of an answer; a prompt is always `completed`. */
  readonly status: Status;
  readonly generationId: string | null;
  /** The prompt of an answer; null if it is unknown, because another tab sent it. */
  readonly prompt?: string | null;
  /** What a question was sent with, if anything. */
  readonly attachments?: readonly string[];
  /** The form in which an answer was asked for here; missing for any text. */
  readonly responseFormat?: ResponseFormat;
  /** Why an answer failed. */
  readonly error?: Failure | null;
  /** Its id on the server, the same on all devices; missing while it is only here. */
  readonly messageId?: string;
  /** Other versions of it: of a question those that were edited, of an answer those that were asked for again. */
  readonly siblings?: Siblings;
  readonly createdAt?: string;
  /** The model that answered. */
  readonly model?: string | null;
  /** If an answer has more than text: its parts in their order, the text in between them. */
  readonly parts?: readonly AnswerPart[];
  /** It has parts beside its text, which may be on the server alone: `useParts` reads them. */
  readonly hasParts?: boolean;
  readonly usage?: Usage | null;
  /** Millionths of a dollar; null if the model has no price. */
  readonly cost?: number | null;
  /** What the model saw of the conversation before the question. */
  readonly context?: ContextSeen | null;
}

export interface Siblings {
  /** From 0, the oldest. */
  readonly index: number;
  readonly count: number;
  /** Give these to `select`. */
  readonly previous: string | null;
  readonly next: string | null;
}

export interface Failure {
  /** A sentence for people. */
  readonly message: string;
  readonly code: number | string;
  readonly retryable: boolean;
  /** When asking again may help, in milliseconds since 1970; null if the server did not say. */
  readonly retryAt: number | null;
}

const ENDED: readonly Status[] = ["completed", "failed", "cancelled"];

/** Failures of the connection; the answer itself may have gone on. */
const CONNECTION_CODES: readonly (number | string)[] = ["not_connected", "unreachable"];

export const UNKNOWN_PROMPT: Failure = {
  message: "This page was left before the question was sent, and does not know it any more.",
  ...{ code: "not_sent", retryable: false, retryAt: null },
};

export function hasEnded({ status }: Pick<ChatMessage, "status">): boolean {
  return ENDED.includes(status);
}

/** Whether the message is an answer whose end is unknown: it may be running, or complete by now. */
export function isOpen({ role, status, generationId, error }: ChatMessage): boolean {
  if (role !== "assistant") return false;
  const isCutOff =
    status === "failed" && generationId !== null && CONNECTION_CODES.includes(error?.code ?? "");
  return isCutOff || !ENDED.includes(status);
}

/** Whether `regenerate` can repeat the prompt of this message. */
export function canRegenerate(message: ChatMessage | undefined): boolean {
  return message?.role === "assistant" && hasEnded(message) && !!message.prompt;
}

/** Give an answer that was stored without its prompt the user's message before it, unless another answer is between. */
export function withPrompts(messages: readonly ChatMessage[]): readonly ChatMessage[] {
  return messages.map((message, at) => {
    if (message.role === "user" || message.prompt !== undefined) return message;
    const before = messages[at - 1];
    return { ...message, prompt: before?.role === "user" ? before.text : null };
  });
}

/** The stored messages, replaced by known ones where there are any, and then the known ones that are not stored. */
export function merged(
  known: readonly ChatMessage[],
  stored: readonly ChatMessage[],
  gone: ReadonlySet<string>,
): readonly ChatMessage[] {
  const rest = [...known];
  const all = withPrompts(stored)
    .filter(({ id }) => !gone.has(id))
    .map((message) => {
      const at = indexIn(rest, message);
      return at < 0 ? message : rest.splice(at, 1)[0]!;
    });
  return [...all, ...rest];
}

/** An application may store messages with ids of its own, and without those of generations. */
function indexIn(known: readonly ChatMessage[], { id, role, text, generationId }: ChatMessage): number {
  const at = known.findIndex((other) => id === other.id);
  if (at >= 0) return at;
  return known.findIndex((other) =>
    generationId === null
      ? text !== "" && role === other.role && text === other.text
      : generationId === other.generationId,
  );
}

export function failureOf(error: FrameStreamError, now: number): Failure {
  const { message, code, retryable, retryAfter, resetsAt } = error;
  const retryAt = resetsAt ?? (retryAfter === undefined ? null : now + retryAfter);
  return { message, code, retryable, retryAt };
}
