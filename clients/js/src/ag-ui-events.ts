/** An answer as the events of AG-UI. */

import { EventType, type BaseEvent, type Message, type RunAgentInput, type TokenUsage } from "@ag-ui/client";
import type { Generation } from "./generation.ts";
import { partEvents } from "./part-events.ts";
import type { DataPart, SourcePart, TextualPart } from "./parts.ts";
import type { Result } from "./result.ts";
import type { Usage } from "./wire.ts";

/** An event with the fields of its type. */
export type RunEvent = BaseEvent & Record<string, unknown>;

/** The key of an agent's state, and of a message's metadata, that has what AG-UI has no events for. */
export const KEY = "framestream";

/** The message of a chat that an AG-UI message belongs to: one answer may be several, with reasoning in between. */
export function answerIdOf(messageId: string): string {
  return messageId.split(":")[0]!;
}

/** The events of an answer from its start to the end of the run; throws if it fails, with all of its messages ended. */
export async function* answerEvents(generation: Generation, input: RunAgentInput): AsyncGenerator<RunEvent> {
  const id = await generation.accepted;
  const { result } = generation;
  const messages = new AnswerMessages(id, input);
  yield* messages.known();
  yield { type: EventType.STATE_SNAPSHOT, snapshot: { ...objectOr(input.state), [KEY]: stateOf(id) } };
  try {
    for await (const event of partEvents(generation)) {
      if (event.type === "void") {
        yield* messages.voided();
        yield stateChange("add", "", stateOf(id));
      } else if (event.type === "whole") yield addition(event.part);
      else yield* messages[event.type](event.part, event.type === "delta" ? event.delta : "");
    }
    const { model, finishReason } = await result;
    yield* messages.close({ model, finishReason });
  } catch (error) {
    yield* messages.close();
    yield stateChange("replace", "/status", "failed");
    throw error;
  }
  yield stateChange("replace", "/status", (await result).status);
}

/** The end of a run with this result. */
export function finished({ threadId, runId }: RunAgentInput, result: Result | null): RunEvent {
  const run = { type: EventType.RUN_FINISHED, threadId, runId };
  if (!result) return { ...run, outcome: { type: "success" } };
  if (result.status === "cancelled") return { ...run, outcome: { type: "cancelled" } };
  const { generationId, model, finishReason, usage, cost } = result;
  const told = { generationId, model, finishReason, cost };
  return {
    ...{ ...run, outcome: { type: "success" }, result: told },
    ...(usage && { usage: [tokensOf(usage, model)] }),
  };
}

function tokensOf(usage: Usage, model: string | null): TokenUsage {
  const { prompt_tokens, completion_tokens, total_tokens, cached_tokens, reasoning_tokens } = usage;
  return {
    ...(model !== null && { model }),
    ...{ inputTokens: prompt_tokens, outputTokens: completion_tokens, totalTokens: total_tokens },
    ...(cached_tokens !== undefined && { cachedInputTokens: cached_tokens }),
    ...(reasoning_tokens !== undefined && { reasoningTokens: reasoning_tokens }),
  };
}

function objectOr(state: unknown): object {
  return typeof state === "object" && state !== null && !Array.isArray(state) ? state : {};
}

function stateOf(generationId: string) {
  return { generationId, status: "running", sources: [], data: [] };
}

function addition(part: SourcePart | DataPart): RunEvent {
  const { index, kind, ...value } = part;
  return stateChange("add", kind === "source" ? "/sources/-" : "/data/-", value);
}

function stateChange(op: "add" | "replace", path: string, value: unknown): RunEvent {
  return { type: EventType.STATE_DELTA, delta: [{ op, path: `/${KEY}${path}`, value }] };
}

/** The messages of one answer: its text, and its reasoning, which begins a message of its own. */
class AnswerMessages {
  readonly #id: string;
  readonly #before: readonly Message[];
  readonly #reasoning = new Set<string>();
  #open: { id: string; isText: boolean } | null = null;
  #hasText = false;

  constructor(id: string, { messages }: RunAgentInput) {
    this.#id = id;
    this.#before = messages;
  }

  /** What the page has of this answer already is told again, from its start. */
  *known(): Generator<RunEvent> {
    const own = this.#before.filter(({ id }) => answerIdOf(id) === this.#id);
    for (const { id, role } of own) if (role === "reasoning") this.#reasoning.add(id);
    if (own.length) yield* this.voided();
  }

  *begin({ index, kind }: TextualPart): Generator<RunEvent> {
    const isText = kind === "text";
    if (isText && this.#open?.isText) return;
    yield* this.close();
    const messageId = isText && !this.#hasText ? this.#id : `${this.#id}:${index}`;
    this.#open = { id: messageId, isText };
    this.#hasText ||= isText;
    if (isText) return yield { type: EventType.TEXT_MESSAGE_START, messageId, role: "assistant" };
    this.#reasoning.add(messageId);
    yield { type: EventType.REASONING_START, messageId };
    yield { type: EventType.REASONING_MESSAGE_START, messageId, role: "reasoning" };
  }

  *delta(_part: TextualPart, delta: string): Generator<RunEvent> {
    const { id: messageId, isText } = this.#open!;
    const type = isText ? EventType.TEXT_MESSAGE_CONTENT : EventType.REASONING_MESSAGE_CONTENT;
    yield { type, messageId, delta };
  }

  /** Text goes on in the same message after a source, so only what follows ends it. */
  *end({ kind }: TextualPart): Generator<RunEvent> {
    if (kind === "reasoning") yield* this.close();
  }

  *close(facts?: object): Generator<RunEvent> {
    const open = this.#open;
    this.#open = null;
    if (!open) return;
    const { id: messageId, isText } = open;
    const metadata = facts && { metadata: { [KEY]: facts } };
    if (isText) return yield { type: EventType.TEXT_MESSAGE_END, messageId, ...metadata };
    yield { type: EventType.REASONING_MESSAGE_END, messageId };
    yield { type: EventType.REASONING_END, messageId };
  }

  /** A snapshot drops text that it does not have; reasoning stays unless it has it, so it is emptied. */
  *voided(): Generator<RunEvent> {
    yield* this.close();
    this.#hasText = false;
    const others = this.#before.filter(({ id }) => answerIdOf(id) !== this.#id);
    const emptied = [...this.#reasoning].map((id): Message => ({ id, role: "reasoning", content: "" }));
    yield { type: EventType.MESSAGES_SNAPSHOT, messages: [...others, ...emptied] };
  }
}
