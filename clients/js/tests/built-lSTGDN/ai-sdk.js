/** A transport for `useChat` of the Vercel AI SDK, with stop, resume, edits and regeneration. */
import { ask } from "./asking.js";
import { recordOf } from "./chat-record.js";
import { FrameStreamError } from "./errors.js";
import { PendingAnswers } from "./memory.js";
import { partEvents } from "./part-events.js";
/** A version that no chat has. */
const BEYOND = 999_999_999;
/** The messages of a chat, as the server has them: for the option `messages` of `useChat` or `Chat`. */
export async function historyOf(client, chatId) {
    const { messages } = await recordOf(client, chatId);
    return messages.map(({ id, role, text, parts }) => {
        const plain = { type: "text", text };
        return { id, role, parts: parts.length ? parts.map((part) => shownAs(part, id)) : [plain] };
    });
}
function shownAs(part, messageId) {
    const id = `${messageId}-${part.index}`;
    if (part.kind === "source")
        return { type: "source-url", ...sourceOf(part, id) };
    if (part.kind === "data")
        return { type: `data-${part.name}`, id, data: part.value };
    return { type: part.kind, text: part.text };
}
export class FrameStreamChatTransport {
    /** A resumed answer streams from its start. */
    resumeStreamIsReplay = true;
    #client;
    #promptFrom;
    #pending;
    #onBusy;
    /** The answers that this transport streamed, by the ids of their questions in the page. */
    #answers = new Map();
    constructor({ client, promptFrom = lastPrompt, memory, onBusy }) {
        this.#client = client;
        this.#onBusy = onBusy;
        this.#promptFrom = promptFrom;
        // Read at use: on a server there is no localStorage, and a browser may forbid the access.
        this.#pending = new PendingAnswers(() => (memory === undefined ? globalThis.localStorage : memory));
    }
    /** The request's `body` may have `model` and `responseFormat`. The files of a new question are uploaded before it is asked. */
    sendMessages = async (sending) => {
        const { chatId, messages, abortSignal } = sending;
        const generation = await unlessAborted(this.#accepted(sending), abortSignal);
        const id = generation.id;
        this.#answers.set(lastQuestion(messages)?.id ?? "", id);
        void this.#pending.set(chatId, id);
        return this.#stream(chunksOf(generation), generation);
    };
    async #accepted(sending) {
        const again = sending.trigger === "regenerate-message" ? await this.#answerOf(sending) : null;
        const { chatId, abortSignal: signal } = sending;
        const { model, responseFormat } = (sending.body ?? {});
        const how = { chatId, signal, onBusy: this.#onBusy, model, responseFormat };
        const prompt = this.#promptFrom(sending.messages);
        const attach = () => this.#attach(sending);
        return ask(this.#client, { ...how, again, attach, prompt, parentId: this.#parentOf(sending) });
    }
    #attach({ chatId, messages, abortSignal: signal }) {
        const files = lastQuestion(messages)?.parts.filter((part) => part.type === "file") ?? [];
        const upload = async (file) => {
            const { filename: name, mediaType } = file;
            return this.#client.attach(chatId, await contentOf(file), { name, mediaType, signal });
        };
        return Promise.all(files.map(upload));
    }
    /** The answer before the question; an edited question without one begins the chat anew. */
    #parentOf({ messages, messageId, trigger }) {
        const before = messages.slice(0, messages.findLastIndex(({ role }) => role === "user"));
        const parent = before.findLast(({ role }) => role === "assistant");
        if (parent)
            return this.#isGeneration(parent.id) ? parent.id : undefined;
        return trigger === "submit-message" && messageId !== undefined ? "root" : undefined;
    }
    /** The answer to be given again: the SDK has taken it from the messages, and names it only if the page did. */
    async #answerOf({ chatId, messages, messageId }) {
        if (messageId !== undefined && this.#isGeneration(messageId))
            return messageId;
        const known = this.#answers.get(lastQuestion(messages)?.id ?? "");
        return known ?? (await this.#head(chatId))?.leaf_id ?? null;
    }
    #isGeneration(id) {
        return /^[0-9a-f]{32}$/.test(id) || [...this.#answers.values()].includes(id);
    }
    /** The chat without its messages; null if the server knows none, or does not answer. */
    async #head(chatId) {
        const reply = await this.#client.chats.read(chatId, BEYOND).catch(() => null);
        return reply?.chat ?? null;
    }
    /** Resumes the answer that the page waited for when it was left, or else the running answer of this chat, of any device. */
    reconnectToStream = async ({ chatId, abortSignal, }) => {
        const running = this.#client.generations(chatId).findLast(({ hasEnded }) => !hasEnded);
        const id = (await this.#pending.get(chatId)) ?? running?.id ?? (await this.#head(chatId))?.running;
        // In development React runs effects twice and aborts the first run at once: that must not cancel the answer.
        if (!id || abortSignal?.aborted)
            return null;
        const generation = this.#client.follow(id, { chatId, ...(abortSignal && { signal: abortSignal }) });
        return this.#stream(resumedChunksOf(generation), generation);
    };
    #stream(chunks, { id, chatId }) {
        return new ReadableStream({
            pull: async (controller) => {
                const { done, value } = await chunks.next();
                if (!done)
                    return controller.enqueue(value);
                await this.#pending.forget(chatId, id);
                controller.close();
            },
            cancel: async () => void (await chunks.return()),
        });
    }
}
/** An address elsewhere is not followed, as the page may not have chosen it. */
async function contentOf({ url, filename = "file" }) {
    if (/^(data|blob):/.test(url))
        return (await fetch(url)).blob();
    throw new FrameStreamError(`${filename} is not in the page: attach it as a File or a data URL.`, "bad_option");
}
async function unlessAborted(promise, signal) {
    let abort = () => { };
    const aborted = new Promise((_, reject) => {
        abort = () => reject(new DOMException("The answer was stopped before it began.", "AbortError"));
        if (signal?.aborted)
            abort();
        signal?.addEventListener("abort", abort, { once: true });
    });
    try {
        return await Promise.race([promise, aborted]);
    }
    finally {
        signal?.removeEventListener("abort", abort);
    }
}
/** The server deletes an answer after some days; then the stream is empty, which is not a failure. */
async function* resumedChunksOf(generation) {
    if (await isKnown(generation))
        yield* chunksOf(generation);
}
async function isKnown(generation) {
    try {
        await generation[Symbol.asyncIterator]().next();
        return true;
    }
    catch (error) {
        return error.code !== "not_found";
    }
}
async function* chunksOf(generation) {
    const id = await generation.accepted;
    yield { type: "start", messageId: id };
    yield { type: "start-step" };
    let round = 1;
    try {
        for await (const event of partEvents(generation)) {
            if (event.type === "void")
                round++;
            yield chunkOf(event, `${id}-${round}`);
        }
        yield* ending(await generation.result);
    }
    catch (error) {
        yield { type: "error", errorText: error.message };
    }
}
function chunkOf(event, prefix) {
    if (event.type === "void")
        return { type: "reset-step" };
    const { part } = event;
    const id = `${prefix}-${part.index}`;
    if (event.type === "delta")
        return { type: `${event.part.kind}-delta`, id, delta: event.delta };
    if (event.type !== "whole")
        return { type: `${event.part.kind}-${EDGES[event.type]}`, id };
    if (event.part.kind === "data")
        return { type: `data-${event.part.name}`, id, data: event.part.value };
    return { type: "source-url", ...sourceOf(event.part, id) };
}
const EDGES = { begin: "start", end: "end" };
/** What a source of the SDK has. */
function sourceOf({ url, title, snippet }, sourceId) {
    const more = {
        ...(title !== null && { title }),
        ...(snippet !== null && { providerMetadata: { framestream: { snippet } } }),
    };
    return { sourceId, url, ...more };
}
function* ending({ status, finishReason }) {
    if (status === "cancelled")
        return yield { type: "abort" };
    yield { type: "finish-step" };
    yield { type: "finish", finishReason: REASONS[finishReason ?? ""] ?? "other" };
}
const REASONS = {
    stop: "stop",
    length: "length",
    content_filter: "content-filter",
};
function lastQuestion(messages) {
    return messages.findLast(({ role }) => role === "user");
}
function lastPrompt(messages) {
    const parts = lastQuestion(messages)?.parts ?? [];
    return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}
