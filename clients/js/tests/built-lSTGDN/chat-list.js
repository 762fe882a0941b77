/** The user's chats, as a page lists them: in step with what is asked, renamed and deleted on any device. */
import { isEnd } from "./progress.js";
import { Timers } from "./timers.js";
/** Milliseconds during which several reasons to read the list become one request. */
const TOGETHER = 250;
export class ChatList {
    #state = { chats: [], isLoaded: false, hasMore: false, error: null };
    #next = null;
    #isReading = false;
    #subscribers = new Set();
    #timers;
    #client;
    #limit;
    constructor(client, { limit } = {}) {
        this.#client = client;
        this.#limit = limit;
        this.#timers = new Timers(client.environment.clock);
    }
    subscribe = (subscriber) => {
        this.#subscribers.add(subscriber);
        return () => void this.#subscribers.delete(subscriber);
    };
    state = () => this.#state;
    /** Show the list: the socket stays open until the returned function is called. */
    join() {
        const release = this.#client.hold();
        const stop = this.#client.listen({
            onPhase: (phase) => phase === "open" && this.#readSoon(),
            onMessage: (message) => this.#receive(message),
        });
        this.#readSoon();
        return () => {
            stop();
            release();
            this.#timers.stopAll();
        };
    }
    /** Read older chats. */
    more = async () => {
        if (!this.#next || this.#isReading)
            return;
        this.#isReading = true;
        try {
            const { chats, next } = await this.#client.chats.list({ limit: this.#limit, before: this.#next });
            this.#next = next;
            this.#set({ chats: ordered([...this.#state.chats, ...chats]), hasMore: next !== null });
        }
        finally {
            this.#isReading = false;
        }
    };
    #readSoon() {
        if (!this.#timers.has("read"))
            this.#timers.after("read", TOGETHER, () => void this.#read());
    }
    async #read() {
        try {
            const { chats, next } = await this.#client.chats.list({ limit: this.#limit });
            const last = chats.at(-1);
            // What was read beyond this page stays.
            const older = next && last ? this.#state.chats.filter((chat) => isBefore(last, chat)) : [];
            if (!older.length)
                this.#next = next;
            this.#set({
                chats: ordered([...older, ...chats]),
                hasMore: this.#next !== null,
                isLoaded: true,
                error: null,
            });
        }
        catch (thrown) {
            const error = thrown;
            const isUnknown = error.status === 404 || error.status === 405;
            this.#set({ isLoaded: true, error: isUnknown ? null : error });
        }
    }
    #receive(message) {
        if (message.type === "chat_message")
            return this.#apply(message);
        if (message.type !== "llm_status" || !isEnd(message.status) || !message.chat_version)
            return;
        const { chat_version: version, timestamp, generation_id } = message;
        this.#change(message.chat_id, version, { updated_at: timestamp, running: null, leaf_id: generation_id });
    }
    #apply({ event, chat_id, version, timestamp, generation_id, title }) {
        const chat = this.#state.chats.find((each) => each.chat_id === chat_id);
        if (event === "deleted") {
            if (chat && version > chat.version)
                this.#set({ chats: this.#state.chats.filter((each) => each !== chat) });
        }
        else if (!chat)
            this.#readSoon();
        else {
            const isAsked = event === "prompt" || event === "regenerate";
            const change = { updated_at: timestamp, ...(event === "title" && { title: title ?? "" }) };
            this.#change(chat_id, version, { ...change, ...(isAsked && { running: generation_id }) });
        }
    }
    #change(chatId, version, change) {
        const chats = this.#state.chats.map((chat) => chat.chat_id === chatId && version > chat.version ? { ...chat, ...change, version } : chat);
        this.#set({ chats: ordered(chats) });
    }
    #set(change) {
        this.#state = { ...this.#state, ...change };
        for (const subscriber of this.#subscribers)
            subscriber();
    }
}
function isBefore(last, chat) {
    return Date.parse(chat.updated_at) < Date.parse(last.updated_at);
}
/** Each chat once, as it was given last; the one that changed last first. */
function ordered(chats) {
    const each = [...new Map(chats.map((chat) => [chat.chat_id, chat])).values()];
    return each.sort((one, other) => Date.parse(other.updated_at) - Date.parse(one.updated_at));
}
