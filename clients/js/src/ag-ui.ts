/** An agent for AG-UI: its runs can be stopped, and resumed on any device, and survive what sockets go through. */

import {
  AbstractAgent,
  EventType,
  PROTOCOL_VERSION,
  type AgentCapabilities,
  type AgentConfig,
  type AgentSubscriber,
  type BaseEvent,
  type Message,
  type RunAgentInput,
  type RunAgentParameters,
  type RunAgentResult,
} from "@ag-ui/client";
import { Observable } from "rxjs";
import { answerEvents, answerIdOf, finished, type RunEvent } from "./ag-ui-events.ts";
import { ask } from "./asking.ts";
import { recordOf, type ChatRecord, type RecordedMessage } from "./chat-record.ts";
import type { FrameStreamClient } from "./client.ts";
import { FrameStreamError } from "./errors.ts";
import { CANCELLED } from "./generation.ts";
import type { OnBusy } from "./http.ts";

export interface FrameStreamAgentConfig extends AgentConfig {
  client: FrameStreamClient;
  /** The model; a `model` in the `forwardedProps` of a run takes its place. */
  model?: string;
  /** What happens to a run while its chat has a running answer: `reject` unless set, `queue` or `interrupt`. */
  onBusy?: OnBusy;
}

type Run = (input: RunAgentInput, signal: AbortSignal) => AsyncGenerator<RunEvent, void, void>;

/** A thread is a chat, and an assistant's message has the id of its answer. */
export class FrameStreamAgent extends AbstractAgent {
  private config: FrameStreamAgentConfig;
  /** The answers that this agent streamed, by the ids of their questions. */
  private answers = new Map<string, string>();
  private stops = new Set<AbortController>();
  /** It was aborted before it began to run. */
  private isAborted = false;

  constructor(config: FrameStreamAgentConfig) {
    super(config);
    this.config = config;
  }

  override runAgent(parameters?: RunAgentParameters, subscriber?: AgentSubscriber): Promise<RunAgentResult> {
    this.isAborted = false;
    return super.runAgent(parameters, subscriber);
  }

  override connectAgent(
    parameters?: RunAgentParameters,
    subscriber?: AgentSubscriber,
  ): Promise<RunAgentResult> {
    this.isAborted = false;
    return super.connectAgent(parameters, subscriber);
  }

  /** Answers the last message of the user. */
  run(input: RunAgentInput): Observable<BaseEvent> {
    return this.observe(input, (input, signal) => this.answer(input, signal));
  }

  /** Brings the chat as the server has it, and resumes the answer that is being made, whichever device asked for it. */
  protected override connect(input: RunAgentInput): Observable<BaseEvent> {
    return this.observe(input, (input, signal) => this.resume(input, signal));
  }

  /** Cancels the answer on the server. `detachActiveRun` only stops listening to it. */
  override abortRun(): void {
    if (!this.stops.size) this.isAborted = this.isRunning;
    for (const stop of this.stops) stop.abort();
  }

  override async getCapabilities(): Promise<AgentCapabilities> {
    return {
      identity: { name: "framestream" },
      transport: { streaming: true, websocket: true, resumable: true },
      state: { snapshots: true, deltas: true },
      reasoning: { supported: true, streaming: true },
      tools: { supported: false },
    };
  }

  override clone(): FrameStreamAgent {
    const { config, answers } = this;
    const own = { config, answers: new Map(answers), stops: new Set(), isAborted: false };
    return Object.assign(super.clone() as FrameStreamAgent, own);
  }

  private observe(input: RunAgentInput, run: Run): Observable<BaseEvent> {
    return new Observable((subscriber) => {
      const stop = new AbortController();
      if (this.isAborted) stop.abort();
      this.stops.add(stop);
      const events = guarded(input, run, stop.signal);
      const deliver = async () => {
        for await (const event of events) subscriber.next(event);
        subscriber.complete();
      };
      deliver().catch((error) => subscriber.error(error));
      return () => {
        this.stops.delete(stop);
        void events.return();
      };
    });
  }

  private async *answer(input: RunAgentInput, signal: AbortSignal): AsyncGenerator<RunEvent, void, void> {
    const { messages, threadId: chatId, forwardedProps } = input;
    const at = messages.findLastIndex(({ role }) => role === "user");
    const prompt = at < 0 ? "" : textOf(messages[at]!);
    if (!prompt) throw new FrameStreamError("The run has no message of a user to answer.", "no_prompt");
    const { model = this.config.model } = (forwardedProps ?? {}) as { model?: string };
    const { onBusy } = this.config;
    const question = messages[at]!.id;
    const again = this.answers.get(question) ?? null;
    const parentId = this.parentOf(messages.slice(0, at));
    const asking = { chatId, prompt, parentId, again, model, onBusy, signal };
    const generation = await ask(this.config.client, asking);
    this.answers.set(question, generation.id!);
    yield* answerEvents(generation, input);
    yield finished(input, await generation.result);
  }

  /** The answer that a question follows; one without any before it begins the chat anew, if there was one. */
  private parentOf(before: readonly Message[]): string | undefined {
    const answers = [...this.answers.values()];
    const parent = before.findLast(({ role }) => role === "assistant");
    if (!parent) return answers.length ? "root" : undefined;
    const id = answerIdOf(parent.id);
    return /^[0-9a-f]{32}$/.test(id) || answers.includes(id) ? id : undefined;
  }

  private async *resume(input: RunAgentInput, signal: AbortSignal): AsyncGenerator<RunEvent, void, void> {
    const { client } = this.config;
    const { threadId: chatId } = input;
    const record = await recordOrNull(client, chatId);
    const messages = record?.messages.flatMap(messagesFrom);
    if (messages) yield { type: EventType.MESSAGES_SNAPSHOT, messages };
    const known = client.generations(chatId).findLast(({ hasEnded }) => !hasEnded);
    const id = record?.running ?? known?.id;
    if (!id) return yield finished(input, null);
    const generation = client.follow(id, { chatId, signal });
    yield* answerEvents(generation, messages ? { ...input, messages } : input);
    yield finished(input, await generation.result);
  }
}

/** The events of a run, from its start to its end, whatever happens. */
async function* guarded(
  input: RunAgentInput,
  run: Run,
  signal: AbortSignal,
): AsyncGenerator<RunEvent, void, void> {
  const { threadId, runId } = input;
  yield { type: EventType.RUN_STARTED, threadId, runId, protocolVersion: PROTOCOL_VERSION };
  try {
    yield* run(input, signal);
  } catch (thrown) {
    const { message, code } = thrown as FrameStreamError;
    if (code === CANCELLED)
      yield { type: EventType.RUN_FINISHED, threadId, runId, outcome: { type: CANCELLED } };
    else yield { type: EventType.RUN_ERROR, message, ...(code !== undefined && { code: String(code) }) };
  }
}

/** null where the server knows no such chat. */
async function recordOrNull(client: FrameStreamClient, chatId: string): Promise<ChatRecord | null> {
  try {
    return await recordOf(client, chatId);
  } catch (error) {
    if ((error as FrameStreamError).status === 404) return null;
    throw error;
  }
}

/** A message of the chat as messages of AG-UI, with ids as `answerEvents` gives them. */
function messagesFrom({ id, role, text, parts }: RecordedMessage): Message[] {
  const thought = parts.flatMap((part): Message[] =>
    part.kind === "reasoning" ? [{ id: `${id}:${part.index}`, role: "reasoning", content: part.text }] : [],
  );
  return [...thought, { id, role, content: text }];
}

function textOf({ content }: Message): string {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? content : [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
