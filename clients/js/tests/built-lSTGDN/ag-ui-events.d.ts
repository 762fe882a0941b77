/** An answer as the events of AG-UI. */
import { type BaseEvent, type RunAgentInput } from "@ag-ui/client";
import type { Result } from "./generation-tracker.ts";
import type { Generation } from "./generation.ts";
/** An event with the fields of its type. */
export type RunEvent = BaseEvent & Record<string, unknown>;
/** The key of an agent's state, and of a message's metadata, that has what AG-UI has no events for. */
export declare const KEY = "framestream";
/** The message of a chat that an AG-UI message belongs to: one answer may be several, with reasoning in between. */
export declare function answerIdOf(messageId: string): string;
/** The events of an answer from its start to the end of the run; throws if it fails, with all of its messages ended. */
export declare function answerEvents(generation: Generation, input: RunAgentInput): AsyncGenerator<RunEvent>;
/** The end of a run with this result. */
export declare function finished({ threadId, runId }: RunAgentInput, result: Result | null): RunEvent;
