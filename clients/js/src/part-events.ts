/** An answer as events, for protocols whose streams only go on: a part begins, grows and ends. */

import type { Generation } from "./generation.ts";
import type { AnswerPart, TextualPart } from "./parts.ts";

export type PartEvent =
  /** Text or reasoning begins. */
  | { readonly type: "begin"; readonly part: TextualPart }
  /** There is more of it. */
  | { readonly type: "delta"; readonly part: TextualPart; readonly delta: string }
  | { readonly type: "end"; readonly part: TextualPart }
  /** A source, or data. */
  | { readonly type: "whole"; readonly part: Exclude<AnswerPart, TextualPart> }
  /** Everything until here is void: the model is asked again, or something before it was missing. */
  | { readonly type: "void"; readonly attempt: number };

/** The events of an answer from its start; throws if it fails, after the end of the last part. */
export async function* partEvents(generation: Generation): AsyncGenerator<PartEvent, void, void> {
  let told: readonly AnswerPart[] = [];
  let attempt = 0;
  try {
    for await (const step of generation.steps()) {
      if (told.length && (step.attempt !== attempt || !continues(told, step.parts))) {
        yield* ending(told);
        yield { type: "void", attempt: step.attempt };
        told = [];
      }
      attempt = step.attempt;
      yield* growth(told, step.parts);
      told = step.parts;
    }
  } catch (error) {
    yield* ending(told);
    throw error;
  }
  yield* ending(told);
}

function continues(told: readonly AnswerPart[], parts: readonly AnswerPart[]): boolean {
  const last = told.length - 1;
  return told.every((before, at) => {
    const part = parts[at];
    if (part?.index !== before.index || part.kind !== before.kind) return false;
    if (!isTextual(part) || !isTextual(before)) return true;
    return at === last ? part.text.startsWith(before.text) : part.text === before.text;
  });
}

function* growth(told: readonly AnswerPart[], parts: readonly AnswerPart[]): Generator<PartEvent> {
  for (const [at, part] of parts.entries()) {
    const before = told[at];
    if (at < told.length - 1) continue;
    if (!isTextual(part)) {
      if (!before) yield { type: "whole", part };
      continue;
    }
    if (!before) yield { type: "begin", part };
    const delta = part.text.slice(before && isTextual(before) ? before.text.length : 0);
    if (delta) yield { type: "delta", part, delta };
    if (at < parts.length - 1) yield { type: "end", part };
  }
}

/** The last part was open. */
function* ending(told: readonly AnswerPart[]): Generator<PartEvent> {
  const last = told.at(-1);
  if (last && isTextual(last)) yield { type: "end", part: last };
}

function isTextual(part: AnswerPart): part is TextualPart {
  return part.kind === "text" || part.kind === "reasoning";
}
