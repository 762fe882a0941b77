/** One chat, as a page shows it: a store that changes with what is asked and answered, here and elsewhere. */
import { canRegenerate } from "./chat-messages.js";
import { Answers } from "./conversation-answers.js";
import { adopt, followPath, followUnfinished } from "./conversation-following.js";
import { Prompts } from "./conversation-prompts.js";
import { chatRequests } from "./conversation-requests.js";
import {} from "./conversation-state.js";
import { ConversationStore } from "./conversation-store.js";
import { ConversationThread } from "./conversation-thread.js";
import { newId } from "./ids.js";
export class Conversation {
    #members = 0;
    #leave = null;
    #preferences;
    #hasUsage;
    #thread;
    #answers;
    #prompts;
    #parts;
    #client;
    #store;
    constructor(client, options) {
        const { chatId, messages, usage = false, ...preferences } = options;
        this.#client = client;
        this.#preferences = preferences;
        this.#hasUsage = usage;
        this.#thread = new ConversationThread({
            ...{ client, chatId },
            onChange: (before) => this.#onThread(before),
            onError: (error) => this.#setError(error),
            onAsk: () => this.#refreshUsage(),
        });
        this.#answers = new Answers({
            ...{ client, chatId },
            isSmooth: () => this.#preferences.smooth !== false,
            onChange: () => this.#store.update(),
            onEnd: (id, generation, error) => this.#onEnd(id, generation, error),
        });
        this.#prompts = new Prompts({
            ...{ client, chatId, received: this.#answers.received },
            thread: () => this.#thread.current,
            branches: () => this.#thread.branches,
            show: (id, generation) => void this.#answers.show(id, generation),
            onAccepted: (change) => {
                this.#thread.take(change);
                this.#onThread();
            },
            onStale: (generationId) => this.#onStale(generationId),
            onChange: () => this.#onThread(),
        }, messages);
        const parts = { client, thread: this.#thread, answers: this.#answers, prompts: this.#prompts };
        this.#parts = { ...parts, chatId, missed: new Set() };
        const { queue, rename, remove } = chatRequests(client, chatId, (version) => this.#thread.expect(version));
        this.rename = rename;
        this.remove = remove;
        this.#store = new ConversationStore({ ...parts, queue });
        this.subscribe = this.#store.subscribe;
        this.state = this.#store.state;
    }
    subscribe;
    state;
    /** No component shows it, and no answer of it is being written. */
    get isIdle() {
        return this.#members === 0 && this.#answers.isIdle;
    }
    /**
     * Show the conversation: the socket stays open until the returned function is called. The conversation receives
     * messages of its chat from the first call on until `end`, shown or not.
     */
    join(stored = []) {
        const isFirst = this.#leave === null;
        this.#leave ??= this.#listen();
        this.#members++;
        const release = this.#client.hold();
        this.#prompts.restore(stored);
        this.#thread.watch(true);
        if (isFirst)
            this.#thread.load();
        this.#followUnfinished();
        this.#onThread();
        let isMember = true;
        return () => {
            if (isMember && --this.#members === 0)
                this.#thread.watch(false);
            isMember = false;
            release();
        };
    }
    /** Receive no more messages. */
    end() {
        this.#leave?.();
        this.#leave = null;
        this.#thread.stop();
    }
    /** Set the preferences for the next prompts. */
    setPreferences(preferences) {
        this.#preferences = preferences;
    }
    /** Ask, after the last message of the path that is shown. */
    send = (prompt, options = {}) => {
        // After what is on its way, or being made, comes what ends last.
        const parentId = this.#prompts.isUnderWay ? undefined : this.#thread.lastAnswer;
        this.#ask(prompt, { parentId }, options);
    };
    /**
     * Ask in the place of a question, with its attachments unless others are given. The former one, and what follows it,
     * stays beside it.
     */
    edit = (messageId, prompt, enclosed = {}) => {
        const question = this.#thread.current.messages.get(this.#prompts.ids.recorded(messageId));
        if (question?.role !== "user")
            return this.send(prompt, enclosed);
        const { parent_id: cut } = question;
        const shown = this.state().messages.find(({ id, messageId: known }) => messageId === id || messageId === known);
        const attachments = shown?.attachments;
        this.#ask(prompt, { parentId: cut ?? "root", cut }, { attachments, ...enclosed });
    };
    /** Cancel all running answers of this conversation. If prompts wait, they wait until the queue is resumed. */
    stop = () => {
        const waiting = this.#thread.current.queue.waiting.map(({ generation_id }) => generation_id);
        this.#answers.stop((id) => waiting.includes(id));
    };
    /** Ask again for an answer (the last one, if no id is given), which stays beside the new one. See `canRegenerate`. */
    regenerate = (id) => {
        const { messages } = this.state();
        const old = id === undefined ? messages.at(-1) : messages.find((each) => each.id === id || each.messageId === id);
        if (!old || !canRegenerate(old))
            return;
        this.#store.error = null;
        const recorded = this.#thread.current.messages.get(this.#prompts.ids.recorded(old.id));
        if (!recorded) {
            this.#answers.forget(old.id);
            return this.#prompts.again(old, this.#preferred());
        }
        const { message_id: regenerates, parent_id: cut } = recorded;
        const names = { id: newId(), questionId: null, prompt: old.prompt };
        this.#prompts.begin({ ...this.#preferred(), ...names, regenerates, cut });
    };
    /** Show another version of a message, and what follows it: an id of its `siblings`. */
    select = (messageId) => {
        if (!this.#thread.select(this.#prompts.ids.recorded(messageId)))
            return;
        followPath(this.#parts);
        this.#store.update();
    };
    /** Give the chat a title, on all devices. */
    rename;
    /** Delete the chat with all its messages, on all devices. */
    remove;
    #preferred() {
        const { model, onBusy } = this.#preferences;
        return { model, onBusy };
    }
    #ask(prompt, place, options) {
        this.#store.error = null;
        const { onBusy = this.#preferences.onBusy, responseFormat, attachments } = options;
        const names = { id: newId(), questionId: newId(), prompt };
        this.#prompts.begin({ ...this.#preferred(), ...place, ...names, onBusy, responseFormat, attachments });
    }
    #listen() {
        const stopListening = this.#client.listen({
            onPhase: (phase) => {
                this.#thread.onPhase(phase);
                if (phase === "open")
                    this.#followUnfinished();
                this.#store.update();
            },
            onClose: () => this.#store.update(),
            onGeneration: ({ chatId }) => adopt(this.#parts, chatId),
            onMessage: (message) => this.#thread.receive(message),
            onStatusUpdate: (status, _message, { chat_id, generation_id }) => {
                adopt(this.#parts, chat_id);
                this.#answers.updateStatus(this.#prompts.ids.shown(generation_id), status);
            },
        });
        const stopWaking = this.#client.environment.page.onWake(() => this.#thread.wake());
        return () => {
            stopListening();
            stopWaking();
        };
    }
    #onThread(before = this.#thread.current) {
        const thread = this.#thread.current;
        if (before.version > 0 && thread.version === 0)
            this.#prompts.forget(before);
        this.#prompts.onThread(thread);
        followPath(this.#parts);
        adopt(this.#parts);
        this.#store.update();
    }
    /** A prompt was refused for what the thread may not have yet. */
    #onStale(generationId) {
        if (!generationId || this.#thread.current.running?.id !== generationId)
            this.#thread.catchUp();
    }
    #followUnfinished() {
        this.#store.update();
        followUnfinished(this.#parts, this.state().messages, this.#preferred());
    }
    #onEnd(id, generation, error) {
        if (generation.status === "cancelled" && !generation.text)
            this.#prompts.removeForeign(id);
        // A text that is kept no longer is no failure of an answer that has ended.
        const isGone = error?.code === "not_found" && this.#thread.current.messages.has(generation.id ?? "");
        if (error && !isGone)
            this.#store.error = error;
        // Its end was not told as one of the chat.
        if (this.#thread.current.running?.id === generation.id)
            this.#thread.expect();
        this.#refreshUsage();
        this.#store.update();
    }
    #refreshUsage() {
        if (this.#hasUsage && this.#members)
            this.#store.refreshUsage();
    }
    #setError(error) {
        this.#store.error = error;
        this.#store.update();
    }
}
