/** Under which ids messages are shown: those that a page showed first keep their ids when the server names them. */
export class ShownIds {
    #shown = new Map();
    #recorded = new Map();
    set(recorded, shown) {
        this.#shown.set(recorded, shown);
        this.#recorded.set(shown, recorded);
    }
    delete(recorded) {
        const shown = this.#shown.get(recorded);
        if (shown !== undefined)
            this.#recorded.delete(shown);
        this.#shown.delete(recorded);
    }
    has(recorded) {
        return this.#shown.has(recorded);
    }
    shown = (recorded) => this.#shown.get(recorded) ?? recorded;
    recorded = (shown) => this.#recorded.get(shown) ?? shown;
}
