/** What subscribers of a conversation see: its state, made anew with each change, in which equal things stay the same. */
import { statusOf } from "./conversation-state.js";
import { messagesOf } from "./conversation-view.js";
import { reused } from "./reuse.js";
export class ConversationStore {
    /** Shown with the next update. */
    error = null;
    #usage = null;
    #state;
    #subscribers = new Set();
    #options;
    constructor(options) {
        this.#options = options;
        this.#state = this.#made();
    }
    state = () => this.#state;
    subscribe = (subscriber) => {
        this.#subscribers.add(subscriber);
        return () => void this.#subscribers.delete(subscriber);
    };
    update() {
        this.#state = this.#made(this.#state);
        for (const subscriber of this.#subscribers)
            subscriber();
    }
    refreshUsage() {
        const set = (usage) => {
            this.#usage = usage;
            this.update();
        };
        this.#options.client.chats.usage().then(set, () => { }); // Not each release of the server counts.
    }
    #made(before) {
        const { client, answers, prompts, thread: known } = this.#options;
        const { phase, closeCode } = client;
        const { received, isRunning } = answers;
        const { current: thread, branches, end, isLoaded, isDeleted } = known;
        const now = messagesOf({ thread, branches, end, ...prompts.seen, received, isRunning });
        const messages = reused(before?.messages ?? [], now);
        const waiting = reused(before?.queue.waiting ?? [], prompts.waiting);
        const { running, title, queue } = thread;
        const isSameQueue = before?.queue.waiting === waiting && before.queue.isPaused === queue.is_paused;
        return {
            ...{ messages, phase, closeCode, title, error: this.error, usage: this.#usage },
            status: statusOf(messages, this.error, isRunning),
            ...{ isLoaded, isDeleted },
            isBusyElsewhere: running !== null && !prompts.isOwn(running.id),
            queue: isSameQueue ? before.queue : { ...this.#options.queue, isPaused: queue.is_paused, waiting },
        };
    }
}
