/** Tracks one generation: applies its messages, and fetches from the server what the socket does not bring. */
import { FATAL_READ_STATUSES } from "./codes.js";
import { FrameStreamError } from "./errors.js";
import { inOrder } from "./parts.js";
import { advance, catchUp, isEnd, isIncomplete, START } from "./progress.js";
import { backoff } from "./retry.js";
/** Milliseconds between fetches of missing text, which may not be stored yet: the server stores about once a second. */
export const STORING = 700;
export class GenerationTracker {
    id;
    chatId;
    result;
    /** The message that it answers, once the generation was fetched; null if the server names none. */
    questionId;
    #progress = START;
    #error = null;
    #resolve;
    #reject;
    #setQuestion;
    #readers = [];
    #stopTimer = () => { };
    #fetching = false;
    #failures = 0;
    #host;
    constructor(host, id, chatId) {
        this.#host = host;
        this.id = id;
        this.chatId = chatId;
        this.result = new Promise((resolve, reject) => {
            this.#resolve = resolve;
            this.#reject = reject;
        });
        this.questionId = new Promise((resolve) => (this.#setQuestion = resolve));
        this.result.catch(() => { }); // A failure is not unhandled only because the application does not read the result.
        this.watch();
    }
    get status() {
        return this.#error ? "failed" : this.#progress.status;
    }
    get text() {
        return this.#progress.answer.text;
    }
    get model() {
        return this.#progress.model;
    }
    get attempt() {
        return this.#progress.answer.attempt;
    }
    get hasEnded() {
        return isEnd(this.status);
    }
    get parts() {
        const { answer, parts } = this.#progress;
        return inOrder(answer.text, parts);
    }
    /** The parts, as far as they are known when so much of the text is shown. */
    partsUpTo(text) {
        return inOrder(text, this.#progress.parts);
    }
    async *texts() {
        let last = "";
        for await (const { text } of this.steps())
            if (text !== last)
                yield (last = text);
    }
    async *steps() {
        let last = START;
        for (;;) {
            const { answer, parts } = this.#progress;
            if (answer.text !== last.answer.text || parts.received !== last.parts.received) {
                last = this.#progress;
                const { attempt, text } = answer;
                yield { attempt, text, parts: inOrder(text, parts) };
            }
            else if (this.#error)
                throw this.#error;
            else if (this.hasEnded)
                return;
            else
                await new Promise((resolve) => this.#readers.push(resolve));
        }
    }
    receive(message) {
        const before = this.#progress;
        const [progress, update] = advance(before, message);
        this.#apply(progress, update ? [update] : []);
        if (!isIncomplete(progress))
            this.watch();
        else if (!isIncomplete(before))
            void this.fetch();
    }
    /** Fetch the generation now. */
    async fetch() {
        if (this.#fetching || this.hasEnded)
            return;
        this.#fetching = true;
        const { length, attempt } = this.#progress.answer;
        try {
            const snapshot = await this.#host.http.read(this.id, { offset: length, attempt });
            this.#failures = 0;
            this.#setQuestion(snapshot.parent_message_id ?? null);
            const [progress, updates] = catchUp(this.#progress, snapshot); // Messages may have arrived meanwhile.
            this.#apply(progress, updates);
            if (isIncomplete(progress))
                this.#fetchAfter(STORING);
            else
                this.watch();
        }
        catch (error) {
            this.#onFetchFailed(error);
        }
        finally {
            this.#fetching = false;
        }
    }
    /** Fetch the generation unless a message about it arrives in time. */
    watch() {
        const { isConnected, stallTimeout, pollInterval } = this.#host;
        this.#fetchAfter(isConnected() ? stallTimeout : Math.min(pollInterval, stallTimeout));
    }
    fail(error) {
        if (this.hasEnded)
            return;
        this.#error = error;
        this.#settle();
    }
    /** The server completes an answer independently of the network, so only a final status of its own ends the fetching. */
    #onFetchFailed(error) {
        if (this.hasEnded)
            return;
        if (FATAL_READ_STATUSES.includes(error.status)) {
            this.fail(error);
            return this.#host.reportError(error);
        }
        const { environment } = this.#host;
        const ms = backoff(++this.#failures, environment, environment.random());
        this.#fetchAfter(Math.max(ms, Math.min(error.retryAfter ?? 0, environment.longestRetryAfter)));
    }
    #apply(progress, updates) {
        const hadEnded = this.hasEnded;
        this.#progress = progress;
        for (const update of updates)
            this.#host.notify(update);
        if (this.hasEnded && !hadEnded)
            this.#settle();
        else if (updates.length)
            this.#wakeReaders();
    }
    #fetchAfter(ms) {
        this.#stopTimer();
        if (this.hasEnded)
            return;
        this.#stopTimer = this.#host.environment.clock.after(ms, () => {
            this.#host.probe();
            void this.fetch();
        });
    }
    #wakeReaders() {
        for (const resume of this.#readers.splice(0))
            resume();
    }
    #settle() {
        this.#stopTimer();
        const { error } = this.#progress;
        if (error && this.status === "failed")
            this.#error ??= new FrameStreamError(error.error, error.code, error.retryable);
        if (this.#error)
            this.#reject(this.#error);
        else
            this.#resolve(this.#result());
        this.#wakeReaders();
    }
    #result() {
        const { id: generationId, text, parts } = this;
        const { status, response } = this.#progress;
        const { model = null, finish_reason: finishReason = null, usage = null } = response ?? {};
        const { cost = null, context = null } = response ?? {};
        return {
            generationId,
            status: status,
            text,
            parts,
            model,
            finishReason,
            usage,
            cost,
            context,
        };
    }
}
