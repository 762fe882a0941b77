/** The client: one socket for all answers of a user, and the calls that request, follow and cancel them. */
/// <reference lib="esnext.disposable" preserve="true" />
import { attach } from "./attach.js";
import { Chats } from "./chats.js";
import { FATAL_CODES, NORMAL, TRY_LATER } from "./codes.js";
import { environment } from "./environment.js";
import { FrameStreamError } from "./errors.js";
import { CANCELLED, Generation } from "./generation.js";
import { Generations } from "./generations.js";
import { httpApi } from "./http.js";
import { newId } from "./ids.js";
import { Listeners } from "./listeners.js";
import { isAboutGeneration } from "./messages.js";
import { inOrder } from "./parts.js";
import { catchUp, START } from "./progress.js";
import { check, DEFAULTS, RECONNECT } from "./options.js";
import { ReconnectingSocket } from "./reconnecting-socket.js";
import { retry } from "./retry.js";
import { Tokens } from "./tokens.js";
/** Milliseconds for which the socket stays open after the last `hold` ended; the page may be on its way to its next view. */
const LINGER = 500;
export class FrameStreamClient {
    /** The user's chats: list, messages, titles, waiting prompts, usage. */
    chats;
    #http;
    #socket;
    /** @internal */
    environment;
    #listeners = new Listeners();
    #generations;
    #closeCode = null;
    #isWanted = false;
    #holders = 0;
    /** Aborted by `close`, which ends all retries. */
    #session = new AbortController();
    static {
        if (Symbol.dispose)
            this.prototype[Symbol.dispose] = this.prototype.close;
    }
    constructor(options) {
        check(options);
        const settings = { ...DEFAULTS, ...defined(options) };
        const { heartbeat, patience, stallTimeout, pollInterval, tokenTimeout, getToken, origin } = settings;
        const own = { ...(settings.WebSocket && { WebSocket: settings.WebSocket }), ...settings.environment };
        this.environment = { ...RECONNECT, ...defined(settings.reconnect ?? {}), ...environment(own) };
        this.#http = httpApi(settings, new Tokens(getToken, tokenTimeout, this.environment), this.environment);
        this.chats = new Chats(this.#http, this.environment, () => this.#session.signal);
        this.#listeners.add(options);
        this.#socket = new ReconnectingSocket({
            environment: { ...this.environment, isAnswering: () => this.#generations.isAnswering },
            ...{ heartbeat, patience, origin },
            ticket: (options) => this.#http.ticket(options),
            onMessage: (message) => this.#onMessage(message),
            onPhase: (phase) => this.#onPhase(phase),
            onReport: (code, error) => this.#onReport(code, error),
        });
        this.#generations = new Generations({
            http: this.#http,
            environment: this.environment,
            ...{ stallTimeout, pollInterval },
            isConnected: () => this.#socket.phase === "open",
            notify: (update) => this.#notify(update),
            reportError: (error) => this.#listeners.reportError(error),
            announce: (tracker) => this.#listeners.each((listener) => listener.onGeneration?.(this.#generation(tracker, tracker.chatId))),
            probe: () => this.#socket.probe(),
        });
    }
    get phase() {
        return this.#socket.phase;
    }
    /** The close code of the last lost or refused socket; null while one is open. */
    get closeCode() {
        return this.#closeCode;
    }
    /** Open the socket, to receive answers that were requested elsewhere. `generate` and `follow` open it by themselves. */
    connect() {
        this.#isWanted = true;
        this.#open();
    }
    /** Close the socket. The server goes on writing answers, and they can be followed later. Closing twice is harmless. */
    close() {
        this.#isWanted = false;
        this.#socket.close();
        this.#session.abort();
        this.#session = new AbortController();
        this.#generations.failAll(new FrameStreamError("The client was closed.", "not_connected", true));
    }
    /**
     * Keep the socket open until the returned function is called. After the last such call the socket is closed as soon
     * as no answer is being written, unless `connect` opened it.
     */
    hold() {
        this.#holders++;
        this.#open();
        let isHeld = true;
        return () => {
            if (isHeld)
                this.#holders--;
            isHeld = false;
            this.#closeWhenIdle();
        };
    }
    /** Close the socket if nothing holds it: another client replaces this one. */
    retire() {
        if (!this.#isNeeded)
            this.close();
    }
    /** The answers of a chat that this client requested, followed or received, including ended ones. */
    generations(chatId) {
        return this.#generations.ofChat(chatId).map((tracker) => this.#generation(tracker, chatId));
    }
    /** Call these callbacks from now on, until the returned function is called. */
    listen(listener) {
        return this.#listeners.add(listener);
    }
    /** Request an answer. Without a network, the prompt waits and is sent once there is one. */
    generate({ signal, idempotencyKey = newId(), ...prompt }) {
        const submit = (sending) => this.#http.submit(prompt, idempotencyKey, sending);
        return this.#submit(submit, prompt.chatId, signal);
    }
    /** Request another answer to the same question. The earlier one stays beside it. */
    regenerate(generationId, { signal, idempotencyKey = newId(), chatId = "", ...options } = {}) {
        const submit = (sending) => this.#http.regenerate(generationId, options, idempotencyKey, sending);
        return this.#submit(submit, chatId, signal);
    }
    /** Follow an answer that was requested before, by its id: after a reload, for example. */
    follow(generationId, { chatId = "", signal, isNew = false } = {}) {
        this.#open();
        const tracker = this.#generations.tracker(generationId, chatId);
        if (!isNew)
            void tracker.fetch();
        return this.#cancelOn(signal, this.#generation(tracker, chatId));
    }
    /** The models that a prompt may name. */
    models() {
        const { signal } = this.#session;
        return retry(() => this.#http.call("GET", "models", "models"), this.environment, { signal });
    }
    /**
     * Upload an image or a file of a chat, which need not exist yet; its id is for `attachments` of prompts. It is tried
     * again while its failure may pass.
     */
    attach(chatId, file, options = {}) {
        return attach(this.#http, this.environment, this.#session.signal, chatId, file, options);
    }
    /** What an attachment of a chat is, and an address to show it with, good for `expires_in` seconds. */
    attachment(chatId, id) {
        const path = `chats/${encodeURIComponent(chatId)}/attachments/${encodeURIComponent(id)}`;
        const { signal } = this.#session;
        return retry(() => this.#http.call("GET", path, "url"), this.environment, { signal });
    }
    /** The stored parts of an answer: a message of a chat says whether there are any beside the text. */
    async parts(generationId) {
        const { signal } = this.#session;
        const read = () => this.#http.read(generationId, { offset: 0, attempt: 0 });
        const [{ answer, parts }] = catchUp(START, await retry(read, this.environment, { signal }));
        return inOrder(answer.text, parts);
    }
    #submit(submit, chatId, signal) {
        this.#open();
        const session = this.#session.signal;
        const submission = new AbortController();
        const acceptance = retry(() => submit(submission.signal), this.environment, submission);
        const accepted = acceptance.then(({ generation_id }) => generation_id);
        let reject;
        const failed = new Promise((_, rejectFailed) => (reject = rejectFailed));
        const fail = (error) => {
            submission.abort();
            reject(error);
        };
        const submitted = this.#generations.submitted(accepted, chatId, fail, session);
        const tracker = Promise.race([submitted, failed]);
        tracker.catch((error) => submission.signal.aborted || this.#listeners.reportError(error));
        const onCancel = () => {
            fail(new FrameStreamError("The prompt was called back before it was accepted.", CANCELLED));
            // A prompt under way may still be accepted; then its answer is cancelled.
            accepted.then((id) => this.#cancel(id, session)).catch(() => { });
        };
        return this.#cancelOn(signal, this.#generation(tracker, chatId, { onCancel, acceptance }));
    }
    get #isNeeded() {
        return this.#isWanted || this.#holders > 0;
    }
    #closeWhenIdle() {
        this.environment.clock.after(LINGER, () => {
            if (this.#isNeeded)
                return;
            const { running, isAnswering } = this.#generations;
            const checkAgain = () => this.#closeWhenIdle();
            if (running)
                running.result.then(checkAgain, checkAgain);
            else if (isAnswering)
                checkAgain();
            else
                this.#socket.close();
        });
    }
    #open() {
        if (!this.#generations.isAnswering)
            this.#listeners.resetAuthErrors();
        this.#socket.open();
    }
    #cancel(id, signal = this.#session.signal) {
        return retry(() => this.#http.cancel(id), this.environment, { signal });
    }
    #generation(tracker, chatId, submission) {
        return new Generation(tracker, chatId, (id) => this.#cancel(id), submission);
    }
    #cancelOn(signal, generation) {
        const cancel = () => void generation.cancel().catch((error) => this.#listeners.reportError(error));
        if (signal?.aborted)
            cancel();
        signal?.addEventListener("abort", cancel, { once: true });
        const done = () => signal?.removeEventListener("abort", cancel);
        generation.result.then(done, done);
        return generation;
    }
    #onMessage(message) {
        this.#listeners.each((listener) => listener.onMessage?.(message));
        if (message.type === "chat_message")
            this.#listeners.each((listener) => listener.onChatChange?.(message));
        if (isAboutGeneration(message))
            this.#generations.receive(message);
    }
    #notify(update) {
        if (update.type === "llm_frame" || update.type === "llm_part")
            this.#socket.markStable();
        this.#listeners.notify(update);
    }
    #onPhase(phase) {
        if (phase === "open")
            this.#closeCode = null;
        this.#generations.onPhase(phase);
        this.#listeners.each((listener) => listener.onPhase?.(phase));
    }
    /** A close code is a number; a word of the HTTP API is reported as the nearest one. */
    #onReport(reported, error) {
        const code = typeof reported === "number" ? reported : TRY_LATER;
        this.#closeCode = code;
        const willReconnect = this.#socket.phase !== "closed" && !FATAL_CODES.includes(reported);
        this.#listeners.each((listener) => listener.onClose?.({ code, reason: error.message, willReconnect }));
        if (!willReconnect && code !== NORMAL)
            this.#listeners.reportError(error);
    }
}
/** The options without undefined ones, which would hide their defaults. */
function defined(options) {
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
