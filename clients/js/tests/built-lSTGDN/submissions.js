/** The prompts of this page that the server does not tell as messages yet, with what is needed to send them. */
export class Submissions {
    #all = new Map();
    get(id) {
        return this.#all.get(id);
    }
    begin(submission, thread) {
        this.#all.set(submission.id, { submission, known: new Set(claimsOf(thread).map(([id]) => id)) });
    }
    update(id, change) {
        const delivery = this.#all.get(id);
        if (!delivery)
            return undefined;
        const updated = { ...delivery, ...change };
        this.#all.set(id, updated);
        return updated;
    }
    delete(id) {
        this.#all.delete(id);
    }
    /** Those that the server has not answered, or that the thread does not have yet. */
    get underWay() {
        return [...this.#all.values()].filter(({ isSettled }) => !isSettled);
    }
    /** Those that the thread has by now. */
    arrived({ version }) {
        return this.underWay.filter(({ reply }) => reply && reply.chat_version <= version);
    }
    /** Those without a reply of which the thread seems to tell, each with what it tells. */
    *claimed(thread, isTaken) {
        const waiting = this.underWay.filter(({ reply, claim }) => !reply && !claim);
        if (!waiting.length)
            return;
        const told = claimsOf(thread);
        for (const { submission, known } of waiting) {
            const found = told.find(([id, text, questionId]) => !known.has(id) && !isTaken(id) && isLike(submission, text, questionId));
            if (found)
                yield [submission, { generationId: found[0], questionId: found[2] }];
        }
    }
}
function claimsOf({ messages, running, queue }) {
    const asked = [...messages.values()].map(({ role, generation_id, text, message_id }) => role === "user" ? [generation_id, text, message_id] : [generation_id, null, null]);
    const waiting = queue.waiting.map(({ generation_id, prompt }) => [generation_id, prompt, null]);
    return [...asked, ...waiting, ...(running ? [[running.id, null, running.questionId]] : [])];
}
function isLike({ prompt, regenerates, cut }, text, questionId) {
    return regenerates === undefined ? text === prompt : text === null && questionId === cut && cut !== null;
}
