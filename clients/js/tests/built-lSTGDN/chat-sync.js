/**
 * Keeps a chat in step with the server.
 *
 * Each change makes the chat's next version and is told once, by a message that may be late, repeated or lost. Changes are
 * applied in the order of their versions; where one is missing, or may be, the server is asked once for all since.
 */
import { applied, caughtUp, isAnother, NO_RECORD, withQuestion, } from "./chat-thread.js";
import { pauseAfter } from "./retry.js";
import { Timers } from "./timers.js";
/** Milliseconds for which a missing change may be late: the server's functions tell changes side by side. */
export const LATENESS = 250;
export class ChatSync {
    #thread = NO_RECORD;
    #isLoaded = false;
    #isDeleted = false;
    #isWatched = false;
    /** Something may have changed since the last request. */
    #isOutdated = false;
    #isAsking = false;
    #failures = 0;
    /** Changes that wait for those before them, by their versions. */
    #early = new Map();
    /** A version that exists, although its change was not told yet. */
    #expected = 0;
    /** Rises when the chat is deleted or begins anew: a reply under way is about the former one. */
    #era = 0;
    #timers;
    #options;
    constructor(options) {
        this.#options = options;
        this.#timers = new Timers(options.environment.clock);
    }
    get thread() {
        return this.#thread;
    }
    get isDeleted() {
        return this.#isDeleted;
    }
    /** The server has told the chat, or refused to. */
    get isLoaded() {
        return this.#isLoaded;
    }
    /** Nothing is being asked, and no change is known to be missing. */
    get isSettled() {
        return this.#isLoaded && !this.#isAsking && !this.#isOutdated && !this.#isBehind;
    }
    /** The server is asked only while the chat is watched; what was missed before is asked for now. */
    watch(isWatched) {
        this.#isWatched = isWatched;
        if (this.#isOutdated)
            this.catchUp();
    }
    take(change) {
        if (change.version <= this.#thread.version)
            return;
        this.#early.set(change.version, change);
        this.#applyAll();
    }
    /** The chat has this version; its changes are told soon, or else asked for. */
    expect(version) {
        this.#expected = Math.max(this.#expected, version);
        this.#applyAll();
    }
    setQuestion(generationId, questionId) {
        this.#set(withQuestion(this.#thread, generationId, questionId));
    }
    /** Ask for what changed; once more after a request under way, whose reply may be older. */
    catchUp() {
        this.#timers.stop("late", "again");
        this.#isOutdated = true;
        if (this.#isWatched && !this.#isAsking)
            void this.#askAll();
    }
    stop() {
        this.#timers.stopAll();
    }
    async #askAll() {
        this.#isAsking = true;
        try {
            while (this.#isOutdated) {
                this.#isOutdated = false;
                await this.#ask();
                this.#failures = 0;
            }
            this.#isLoaded = true;
        }
        catch (error) {
            this.#onFailure(error);
        }
        this.#isAsking = false;
        this.#applyAll();
        this.#options.onChange();
    }
    async #ask() {
        const [era, { version }] = [this.#era, this.#thread];
        // The server knows of everything that it told before.
        const told = [...this.#early.keys()];
        const expected = this.#expected;
        const reply = await this.#readAll(version);
        if (era !== this.#era)
            return void (this.#isOutdated = true);
        for (const early of told)
            this.#early.delete(early);
        if (this.#expected === expected)
            this.#expected = 0;
        if (!reply) {
            if (version && this.#thread.version === version)
                this.#forget();
        }
        else if (isAnother(this.#thread, reply)) {
            this.#forget();
            this.#isOutdated = true;
        }
        else {
            this.#isDeleted = false;
            this.#set(caughtUp(this.#thread, reply, { isWhole: !version }));
        }
    }
    /** All pages as one; null without such a chat, and from a release of the server that records none. */
    async #readAll(since) {
        try {
            const messages = [];
            for (let from = since;;) {
                const reply = await this.#options.read(from);
                messages.push(...reply.messages);
                if (!reply.has_more)
                    return { ...reply, messages };
                from = reply.next_since;
            }
        }
        catch (error) {
            const { status } = error;
            if (status === 404 || status === 405)
                return null;
            throw error;
        }
    }
    #onFailure(error) {
        const ms = pauseAfter(error, ++this.#failures, this.#options.environment);
        this.#isOutdated = true;
        if (ms !== null)
            return this.#timers.after("again", ms, this.#options.onMissing);
        this.#isLoaded = true;
        this.#isOutdated = false;
        this.#early.clear();
        this.#expected = this.#failures = 0;
        this.#options.onError(error);
    }
    /** The chat was deleted. */
    #forget() {
        this.#era++;
        this.#early.clear();
        this.#isDeleted = true;
        this.#set(NO_RECORD);
    }
    get #isBehind() {
        return this.#early.size > 0 || this.#expected > this.#thread.version;
    }
    #applyAll() {
        for (const version of this.#early.keys())
            if (version <= this.#thread.version)
                this.#early.delete(version);
        for (let change; (change = this.#early.get(this.#thread.version + 1));) {
            if (change.event === "deleted")
                return this.#forget();
            const next = applied(this.#thread, change);
            if (!next)
                return this.#askFor();
            this.#early.delete(change.version);
            this.#isDeleted = false;
            this.#set(next);
        }
        if (!this.#isBehind)
            this.#timers.stop("late");
        else if (!this.#isAsking && !this.#isOutdated && !this.#timers.has("late"))
            this.#timers.after("late", LATENESS, this.#options.onMissing);
    }
    /** Ask what a change makes of the chat. A failed request is repeated after its pause, and not at once. */
    #askFor() {
        this.#isOutdated = true;
        if (!this.#isAsking && !this.#timers.has("again"))
            this.catchUp();
    }
    #set(thread) {
        if (thread === this.#thread)
            return;
        this.#thread = thread;
        this.#options.onChange();
    }
}
