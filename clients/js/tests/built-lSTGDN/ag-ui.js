/** An agent for AG-UI: its runs can be stopped, and resumed on any device, and survive what sockets go through. */
import { AbstractAgent, EventType, PROTOCOL_VERSION, } from "@ag-ui/client";
import { Observable } from "rxjs";
import { answerEvents, answerIdOf, finished } from "./ag-ui-events.js";
import { ask } from "./asking.js";
import { recordOf } from "./chat-record.js";
import { FrameStreamError } from "./errors.js";
import { CANCELLED } from "./generation.js";
/** A thread is a chat, and an assistant's message has the id of its answer. */
export class FrameStreamAgent extends AbstractAgent {
    config;
    /** The answers that this agent streamed, by the ids of their questions. */
    answers = new Map();
    stops = new Set();
    /** It was aborted before it began to run. */
    isAborted = false;
    constructor(config) {
        super(config);
        this.config = config;
    }
    runAgent(parameters, subscriber) {
        this.isAborted = false;
        return super.runAgent(parameters, subscriber);
    }
    connectAgent(parameters, subscriber) {
        this.isAborted = false;
        return super.connectAgent(parameters, subscriber);
    }
    /** Answers the last message of the user. */
    run(input) {
        return this.observe(input, (input, signal) => this.answer(input, signal));
    }
    /** Brings the chat as the server has it, and resumes the answer that is being made, whichever device asked for it. */
    connect(input) {
        return this.observe(input, (input, signal) => this.resume(input, signal));
    }
    /** Cancels the answer on the server. `detachActiveRun` only stops listening to it. */
    abortRun() {
        if (!this.stops.size)
            this.isAborted = this.isRunning;
        for (const stop of this.stops)
            stop.abort();
    }
    async getCapabilities() {
        return {
            identity: { name: "framestream" },
            transport: { streaming: true, websocket: true, resumable: true },
            state: { snapshots: true, deltas: true },
            reasoning: { supported: true, streaming: true },
            tools: { supported: false },
        };
    }
    clone() {
        const { config, answers } = this;
        const own = { config, answers: new Map(answers), stops: new Set(), isAborted: false };
        return Object.assign(super.clone(), own);
    }
    observe(input, run) {
        return new Observable((subscriber) => {
            const stop = new AbortController();
            if (this.isAborted)
                stop.abort();
            this.stops.add(stop);
            const events = guarded(input, run, stop.signal);
            const deliver = async () => {
                for await (const event of events)
                    subscriber.next(event);
                subscriber.complete();
            };
            deliver().catch((error) => subscriber.error(error));
            return () => {
                this.stops.delete(stop);
                void events.return();
            };
        });
    }
    async *answer(input, signal) {
        const { messages, threadId: chatId, forwardedProps } = input;
        const at = messages.findLastIndex(({ role }) => role === "user");
        const prompt = at < 0 ? "" : textOf(messages[at]);
        if (!prompt)
            throw new FrameStreamError("The run has no message of a user to answer.", "no_prompt");
        const { model = this.config.model } = (forwardedProps ?? {});
        const { onBusy } = this.config;
        const question = messages[at].id;
        const again = this.answers.get(question) ?? null;
        const parentId = this.parentOf(messages.slice(0, at));
        const asking = { chatId, prompt, parentId, again, model, onBusy, signal };
        const generation = await ask(this.config.client, asking);
        this.answers.set(question, generation.id);
        yield* answerEvents(generation, input);
        yield finished(input, await generation.result);
    }
    /** The answer that a question follows; one without any before it begins the chat anew, if there was one. */
    parentOf(before) {
        const answers = [...this.answers.values()];
        const parent = before.findLast(({ role }) => role === "assistant");
        if (!parent)
            return answers.length ? "root" : undefined;
        const id = answerIdOf(parent.id);
        return /^[0-9a-f]{32}$/.test(id) || answers.includes(id) ? id : undefined;
    }
    async *resume(input, signal) {
        const { client } = this.config;
        const { threadId: chatId } = input;
        const record = await recordOrNull(client, chatId);
        const messages = record?.messages.flatMap(messagesFrom);
        if (messages)
            yield { type: EventType.MESSAGES_SNAPSHOT, messages };
        const known = client.generations(chatId).findLast(({ hasEnded }) => !hasEnded);
        const id = record?.running ?? known?.id;
        if (!id)
            return yield finished(input, null);
        const generation = client.follow(id, { chatId, signal });
        yield* answerEvents(generation, messages ? { ...input, messages } : input);
        yield finished(input, await generation.result);
    }
}
/** The events of a run, from its start to its end, whatever happens. */
async function* guarded(input, run, signal) {
    const { threadId, runId } = input;
    yield { type: EventType.RUN_STARTED, threadId, runId, protocolVersion: PROTOCOL_VERSION };
    try {
        yield* run(input, signal);
    }
    catch (thrown) {
        const { message, code } = thrown;
        if (code === CANCELLED)
            yield { type: EventType.RUN_FINISHED, threadId, runId, outcome: { type: CANCELLED } };
        else
            yield { type: EventType.RUN_ERROR, message, ...(code !== undefined && { code: String(code) }) };
    }
}
/** null where the server knows no such chat. */
async function recordOrNull(client, chatId) {
    try {
        return await recordOf(client, chatId);
    }
    catch (error) {
        if (error.status === 404)
            return null;
        throw error;
    }
}
/** A message of the chat as messages of AG-UI, with ids as `answerEvents` gives them. */
function messagesFrom({ id, role, text, parts }) {
    const thought = parts.flatMap((part) => part.kind === "reasoning" ? [{ id: `${id}:${part.index}`, role: "reasoning", content: part.text }] : []);
    return [...thought, { id, role, content: text }];
}
function textOf({ content }) {
    if (typeof content === "string")
        return content;
    const parts = Array.isArray(content) ? content : [];
    return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
