/** The server's side of a conversation: its thread, kept in step while it is shown, and the path of it that is read. */
import { Branches } from "./chat-path.js";
import { ChatSync } from "./chat-sync.js";
import { isEnd } from "./progress.js";
import { Timers } from "./timers.js";
/** Milliseconds for which the history waits for the socket: asked for after it opened, nothing can be missed. */
const SOCKET_FIRST = 500;
/** The same for a change that is missing: meanwhile there is something to read. */
const SOCKET_SOON = 4_000;
/** Milliseconds after a request during which a page that is looked at again asks for nothing. */
const FRESH = 10_000;
export class ConversationThread {
    #thread;
    #branches;
    /** The end of another path than the newest. */
    #selected = null;
    #askedAt = -Infinity;
    #sync;
    #timers;
    #options;
    constructor(options) {
        const { client, chatId, onError } = options;
        this.#options = options;
        this.#timers = new Timers(client.environment.clock);
        this.#sync = new ChatSync({
            environment: client.environment,
            read: (since) => client.chats.read(chatId, since),
            onMissing: () => this.#askWithSocket(SOCKET_SOON),
            onChange: () => this.#onChange(),
            onError,
        });
        this.#thread = this.#sync.thread;
        this.#branches = new Branches(this.#thread);
    }
    get current() {
        return this.#thread;
    }
    get branches() {
        return this.#branches;
    }
    /** The last message of the path that is read. */
    get end() {
        return this.#selected ?? this.#branches.tip;
    }
    /** The last message of that path, if it is an answer that has ended. */
    get lastAnswer() {
        const last = this.#branches.pathTo(this.end).at(-1);
        return last && this.#thread.messages.get(last.id)?.role === "assistant" ? last.id : undefined;
    }
    get isLoaded() {
        return this.#sync.isLoaded;
    }
    get isSettled() {
        return this.#sync.isSettled;
    }
    get isDeleted() {
        return this.#sync.isDeleted;
    }
    has(generationId) {
        const { running, queue } = this.#thread;
        const isWaiting = queue.waiting.some(({ generation_id }) => generation_id === generationId);
        return isWaiting || running?.id === generationId || this.#branches.has(generationId);
    }
    select(id) {
        if (!this.#branches.has(id))
            return false;
        this.#selected = this.#branches.newestBelow(id);
        return true;
    }
    watch(isWatched) {
        this.#sync.watch(isWatched);
    }
    /** Ask for the history. */
    load() {
        this.#askWithSocket(SOCKET_FIRST);
    }
    /** What was missed without a socket is asked for; if none opens, what waits for it is asked for without one. */
    onPhase(phase) {
        if (phase === "open" || (phase === "waiting" && this.#timers.has("load")))
            this.catchUp();
    }
    catchUp() {
        this.#timers.stop("load");
        this.#askedAt = this.#options.client.environment.clock.now();
        this.#sync.catchUp();
        this.#options.onAsk();
    }
    /** The page is looked at again, and may have slept. */
    wake() {
        const { phase, environment } = this.#options.client;
        if (phase === "open" && environment.clock.now() - this.#askedAt >= FRESH)
            this.catchUp();
    }
    receive(message) {
        if (!("chat_id" in message) || message.chat_id !== this.#options.chatId)
            return;
        if (message.type === "chat_message")
            this.#sync.take(message);
        if (message.type !== "llm_status" || !isEnd(message.status) || !message.chat_version)
            return;
        this.#sync.take({ ...message, event: "ended", version: message.chat_version });
    }
    take(change) {
        this.#sync.take(change);
    }
    /** The chat has this version; unless one is given, one that was not told. */
    expect(version = this.#thread.version + 1) {
        this.#sync.expect(version);
    }
    setQuestion(generationId, questionId) {
        this.#sync.setQuestion(generationId, questionId);
    }
    stop() {
        this.#timers.stopAll();
        this.#sync.stop();
    }
    /** Ask once the socket is open: a chat that is read before has to be read again then. */
    #askWithSocket(patience) {
        const { client } = this.#options;
        if (client.phase === "waiting" || client.phase === "offline")
            client.hold()(); // The next attempt begins now.
        if (client.phase === "offline")
            this.#timers.after("load", SOCKET_SOON, () => this.#askWithSocket(patience));
        else if (client.phase === "connecting")
            this.#timers.after("load", patience, () => this.catchUp());
        else
            this.catchUp();
    }
    /** What is new in the chat is shown, whatever was selected before. */
    #onChange() {
        const before = this.#thread;
        const { tip } = this.#branches;
        this.#thread = this.#sync.thread;
        if (this.#thread !== before)
            this.#branches = new Branches(this.#thread);
        if (this.#branches.tip !== tip)
            this.#selected = null;
        this.#options.onChange(before);
    }
}
