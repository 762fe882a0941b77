/** The messages that bring the same as a stored generation. */

import { beginningOf, lengthOf } from "./codepoints.ts";
import type { GenerationMessage, GenerationState, Status } from "./messages.ts";
import type { StoredPart } from "./wire.ts";

export function messagesOf(snapshot: GenerationState): GenerationMessage[] {
  const { user_id, chat_id, generation_id, attempt, timestamp, status, text } = snapshot;
  const names = { user_id, chat_id, generation_id, timestamp };
  const about = { ...names, attempt };
  const statusMessage = (status: Status, message: string): GenerationMessage => ({
    ...{ ...about, type: "llm_status", status, message },
  });
  const messages: GenerationMessage[] = [];
  if (text) messages.push(statusMessage("streaming", "The answer is coming in."));
  messages.push(...contentIn(snapshot, about));
  if (status === "completed") {
    const { model, answered_by, finish_reason, usage, length, cost, context } = snapshot;
    const facts = { ...(cost !== undefined && { cost }), ...(context !== undefined && { context }) };
    const data = {
      ...names,
      event: "response_generated",
      response: null,
      model: answered_by ?? model,
    } as const;
    messages.push({
      ...{ ...about, type: "llm_response" },
      data: { ...data, finish_reason, usage, length, ...facts },
    });
  }
  const { error } = snapshot;
  if (status === "failed") {
    const failure = { code: snapshot.code ?? "internal", retryable: !!snapshot.retryable } as const;
    messages.push({ ...about, type: "llm_error", error: error ?? "The answer failed.", ...failure });
  }
  if (status !== "queued") messages.push(statusMessage(status, error ?? `The answer is ${status}.`));
  return messages;
}

type About = Pick<GenerationMessage, "user_id" | "chat_id" | "generation_id" | "attempt" | "timestamp">;

/** The text and the parts within it, in their order. */
function contentIn({ text, offset, parts = [] }: GenerationState, about: About): GenerationMessage[] {
  const messages: GenerationMessage[] = [];
  let at = offset;
  let rest = text;
  const addText = (delta: string) => {
    const frame = { status: "streaming", delta, offset: at, progress: "indeterminate" } as const;
    if (delta) messages.push({ ...about, type: "llm_frame", frame });
    at += lengthOf(delta);
    rest = rest.slice(delta.length);
  };
  for (const stored of parts) {
    if (stored.kind === "text") continue;
    const { index, kind, text_offset, text: delta } = stored as StoredPart;
    addText(beginningOf(rest, text_offset - at) ?? rest);
    // Without text, it is not kept.
    const part = { index, kind, delta: delta ?? "", offset: 0, text_offset };
    messages.push({ ...about, type: "llm_part", part });
  }
  addText(rest);
  return messages;
}
