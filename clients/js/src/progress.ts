/**
 * What is new in a message about a generation.
 *
 * After each reconnect the server tells an unfinished answer again from its start, two sockets of one roll-over tell it
 * twice, and a fetched snapshot says what frames said before. Here all of that becomes one story in which nothing is
 * told twice and nothing is left out.
 */

import { hasGap, inAttempt, merge, NOTHING, type Answer } from "./answer.ts";
import type { Snapshot } from "./http.ts";
import type {
  ErrorMessage,
  FinalResponse,
  FrameMessage,
  GenerationMessage,
  ResponseMessage,
  Status,
} from "./messages.ts";

export interface Progress {
  readonly answer: Answer;
  /** The furthest status of this attempt. */
  readonly status: Status;
  readonly thought: boolean;
  readonly response: FinalResponse | null;
  readonly error: ErrorMessage | null;
}

/** How it stands now, and the message as far as it is new; null if nothing in it is. */
export type Advance = readonly [Progress, GenerationMessage | null];

export const START: Progress = {
  answer: NOTHING,
  status: "queued",
  thought: false,
  response: null,
  error: null,
};

const ORDER: readonly Status[] = ["queued", "started", "processing", "thinking", "streaming"];

const ENDS: readonly Status[] = ["completed", "failed", "cancelled"];

/** A status that is not known is no end. */
export function isEnd(status: Status): boolean {
  return ENDS.includes(status);
}

/** Something is known to exist that did not arrive; only a snapshot brings it. */
export function isIncomplete({ answer, status, response, error }: Progress): boolean {
  return hasGap(answer) || (status === "completed" && !response) || (status === "failed" && !error);
}

/** Take in a message of the socket. What is unknown, late, odd or told before changes nothing. */
export function advance(before: Progress, message: GenerationMessage): Advance {
  if (!Number.isInteger(message.attempt)) return [before, null];
  const answer = inAttempt(before.answer, message.attempt);
  if (isEnd(before.status) || message.attempt < answer.attempt) return [before, null];
  const progress = answer === before.answer ? before : { ...START, answer };
  switch (message.type) {
    case "llm_status":
      return withStatus(progress, message.status, message);
    case "llm_frame":
      return withFrame(progress, message);
    case "llm_response":
      return withResponse(progress, message);
    case "llm_error":
      return progress.error ? [progress, null] : [{ ...progress, error: message }, message];
    default:
      return [progress, null];
  }
}

function withStatus(progress: Progress, status: Status, news: GenerationMessage): Advance {
  const { answer } = progress;
  if (isEnd(status)) {
    // An end that came before all of its text did is not the end yet: the snapshot that fills the gap tells it again.
    if (!isIncomplete({ ...progress, status })) return [{ ...progress, status }, news];
    return [{ ...progress, answer: { ...answer, known: Math.max(answer.known, answer.length + 1) } }, null];
  }
  if (ORDER.indexOf(status) <= ORDER.indexOf(progress.status)) return [progress, null];
  return [{ ...progress, status }, news];
}

function withFrame(progress: Progress, message: FrameMessage): Advance {
  const { frame, attempt } = message;
  if (frame?.status === "thinking")
    return [{ ...progress, thought: true }, progress.thought ? null : message];
  if (typeof frame?.delta !== "string" || !isCount(frame.offset)) return [progress, null];
  const { text, length } = progress.answer;
  const answer = merge(progress.answer, { ...frame, attempt });
  const delta = answer.text.slice(text.length);
  return [{ ...progress, answer }, delta ? { ...message, frame: { ...frame, delta, offset: length } } : null];
}

function withResponse(progress: Progress, message: ResponseMessage): Advance {
  const { answer } = progress;
  const { length, response } = message.data ?? {};
  if (progress.response || !isCount(length)) return [progress, null];
  if (typeof response !== "string" && answer.length < length)
    return [{ ...progress, answer: { ...answer, known: length } }, null];
  // A text too long for one message is known from its frames, so who waits for the response gets it all the same.
  const text = response ?? answer.text;
  const data = { ...message.data, response: text };
  return [
    { ...progress, answer: { ...answer, text, length, known: length }, response: data },
    { ...message, data },
  ];
}

function isCount(number: unknown): number is number {
  return Number.isInteger(number) && (number as number) >= 0;
}

/** Take in a snapshot. One that has ended is all there will ever be, whatever more was known to exist. */
export function catchUp(
  before: Progress,
  snapshot: Snapshot,
): readonly [Progress, readonly GenerationMessage[]] {
  const all: GenerationMessage[] = [];
  let progress = before;
  for (const message of retold(snapshot)) {
    if (message.type === "llm_status" && isEnd(message.status)) progress = withoutGap(progress);
    const [next, news] = advance(progress, message);
    progress = next;
    if (news) all.push(news);
  }
  return [progress, all];
}

function withoutGap(progress: Progress): Progress {
  return { ...progress, answer: { ...progress.answer, known: progress.answer.length } };
}

/** The messages that a snapshot stands for. */
function retold(snapshot: Snapshot): GenerationMessage[] {
  const { user_id, chat_id, generation_id, attempt, timestamp, status, text, offset } = snapshot;
  const { error, code, retryable, model, finish_reason, usage, length } = snapshot;
  const names = { user_id, chat_id, generation_id, timestamp };
  const about = { ...names, attempt };
  const messages: GenerationMessage[] = [];
  const tell = (status: Status, message: string) =>
    messages.push({ ...about, type: "llm_status", status, message });
  if (text) {
    tell("streaming", "The answer is coming in.");
    const frame = { status: "streaming", delta: text, offset, progress: "indeterminate" } as const;
    messages.push({ ...about, type: "llm_frame", frame });
  }
  if (status === "completed") {
    const response = { response: null, model, finish_reason: finish_reason ?? "", usage, length };
    messages.push({
      ...about,
      type: "llm_response",
      data: { ...names, ...response, event: "response_generated" },
    });
  }
  if (status === "failed") {
    const failure = {
      error: error ?? "The answer failed.",
      code: code ?? "internal",
      retryable: !!retryable,
    };
    messages.push({ ...about, type: "llm_error", ...failure });
  }
  if (status !== "queued") tell(status, error ?? `The answer is ${status}.`);
  return messages;
}
