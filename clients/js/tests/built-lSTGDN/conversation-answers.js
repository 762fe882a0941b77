/** The answers of a conversation as they come in: which are being written, and what this page has received of each. */
import { failureOf, hasEnded } from "./chat-messages.js";
import { isCutOff } from "./conversation-view.js";
import { smoothly } from "./smoothing.js";
/** An answer has not ended as long as not all of its text is shown. */
function statusOf({ hasEnded, status }) {
    return hasEnded ? "streaming" : status;
}
/** Nothing for an answer that is only text. */
function partsOf(generation, text) {
    const parts = generation.partsUpTo(text);
    return parts.some(isBesideText) ? { parts, hasParts: true } : {};
}
function isBesideText({ kind }) {
    return kind !== "text";
}
const NO_RESULT = { model: null, usage: null, cost: null, context: null };
/** Answers are named by the ids of their messages, as they are shown. */
export class Answers {
    #running = new Map();
    #received = new Map();
    #options;
    constructor(options) {
        this.#options = options;
    }
    /** None is being written. */
    get isIdle() {
        return this.#running.size === 0;
    }
    isRunning = (id) => this.#running.has(id);
    received = (id) => this.#received.get(id);
    generation(id) {
        return this.#running.get(id);
    }
    receive(id, change) {
        this.#received.set(id, { ...this.#received.get(id), ...change });
        this.#options.onChange();
    }
    forget(id) {
        this.#received.delete(id);
    }
    /** Update the status of an answer without text; later, its status follows the displayed text. */
    updateStatus(id, status) {
        if (this.#running.has(id) && !this.#received.get(id)?.text && !hasEnded({ status }))
            this.receive(id, { status });
    }
    /** Cancel all but those that wait for their turn. */
    stop(isWaiting) {
        for (const generation of this.#running.values())
            if (!isWaiting(generation.id ?? ""))
                void generation.cancel().catch(() => { });
    }
    /** Follow an answer, unless it is being followed, or its end is known. */
    follow(id, generationId, { isNew, hasQuestion }) {
        const received = this.#received.get(id);
        if (this.#running.has(id) || (received && !isCutOff(received)))
            return;
        const { client, chatId } = this.#options;
        const known = client.generations(chatId).find((each) => each.id === generationId);
        const isUsable = known && hasQuestion && !(known.hasEnded && received);
        void this.show(id, isUsable ? known : client.follow(generationId, { chatId, isNew }));
    }
    async show(id, generation) {
        this.#running.set(id, generation);
        this.#options.onChange();
        let error = null;
        void this.#receiveParts(id, generation);
        try {
            for await (const text of this.#options.isSmooth() ? smoothly(generation) : generation)
                this.receive(id, { text, status: statusOf(generation), ...partsOf(generation, text) });
        }
        catch (thrown) {
            if (generation.status === "failed")
                error = thrown;
        }
        const { model, usage, cost, context } = await generation.result.catch(() => NO_RESULT);
        this.#running.delete(id);
        const { text, status } = generation;
        const failure = error && failureOf(error, Date.now());
        const parts = partsOf(generation, text);
        this.receive(id, { text, status, error: failure, model, usage, cost, context, ...parts });
        this.#options.onEnd(id, generation, error);
    }
    /** What is beside the text is shown at once, up to the text that is shown. */
    async #receiveParts(id, generation) {
        try {
            for await (const { parts } of generation.steps())
                if (parts.some(isBesideText) && this.#running.get(id) === generation)
                    this.receive(id, partsOf(generation, this.#received.get(id)?.text ?? ""));
        }
        catch {
            // The reader of the text is told.
        }
    }
}
