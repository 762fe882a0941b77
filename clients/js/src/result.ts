/** The outcome of an answer, and how it stands until then. */

import type { ContextSeen, Usage } from "./messages.ts";
import { inOrder, type AnswerPart } from "./parts.ts";
import type { Progress } from "./progress.ts";

export interface Result {
  /** null if it was cancelled before the server accepted it. */
  generationId: string | null;
  /** A cancelled answer keeps its text. */
  status: "completed" | "cancelled";
  text: string;
  /** The text, and what came before, within and after it: reasoning, sources, data. */
  parts: readonly AnswerPart[];
  /** The model that answered. */
  model: string | null;
  finishReason: string | null;
  usage: Usage | null;
  /** Millionths of a dollar; null if the model has no price. */
  cost: number | null;
  /** What the model saw of the conversation before the question. */
  context: ContextSeen | null;
}

/** How an answer stands. */
export interface Step {
  /** With a higher attempt the answer starts again. */
  readonly attempt: number;
  readonly text: string;
  /** The text, and what came before, within and after it. */
  readonly parts: readonly AnswerPart[];
}

export function resultOf(
  generationId: string,
  { answer: { text }, parts, status, response }: Progress,
): Result {
  const { model = null, finish_reason: finishReason = null, usage = null } = response ?? {};
  const { cost = null, context = null } = response ?? {};
  return {
    ...{ generationId, status: status as Result["status"], text, parts: inOrder(text, parts) },
    ...{ model, finishReason, usage, cost, context },
  };
}
