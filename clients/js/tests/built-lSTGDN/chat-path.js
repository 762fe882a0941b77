/** Paths through the branches of a chat: which messages one reads, and which stand beside them. */
/** All branches of a thread, as questions and answers by their parents. */
export class Branches {
    #parents = new Map();
    /** A page asks for the same one with each piece of text. */
    #paths = new Map();
    #children = new Map();
    /** The answer that is being made, or else the one that ended last. */
    tip;
    constructor({ messages, running, leaf }) {
        const inOrder = [...messages.values()].sort((one, other) => one.number - other.number);
        for (const { message_id, parent_id } of inOrder)
            this.#add(message_id, parent_id);
        if (running?.questionId && !messages.has(running.id))
            this.#add(running.id, running.questionId);
        this.tip = running && this.has(running.id) ? running.id : leaf;
    }
    has(id) {
        return this.#parents.has(id);
    }
    parentOf(id) {
        return this.#parents.get(id) ?? null;
    }
    /** From the first message to this one. */
    pathTo(id) {
        const known = this.#paths.get(id);
        if (known)
            return known;
        const path = [];
        for (let at = id; at !== null && this.has(at); at = this.parentOf(at)) {
            const parentId = this.parentOf(at);
            path.push({ id: at, parentId, siblings: this.#children.get(parentId) });
        }
        this.#paths.set(id, path.reverse());
        return path;
    }
    /** The newest message below this one: where one goes on reading in its branch. */
    newestBelow(id) {
        const next = this.#children.get(id)?.at(-1);
        return next === undefined ? id : this.newestBelow(next);
    }
    #add(id, parentId) {
        this.#parents.set(id, parentId);
        const siblings = this.#children.get(parentId);
        if (siblings)
            siblings.push(id);
        else
            this.#children.set(parentId, [id]);
    }
}
