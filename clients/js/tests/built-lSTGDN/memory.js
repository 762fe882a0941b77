/** Stores which answer a chat waits for, so that a reloaded page can resume it. */
/** If the storage is missing, forbidden, full or incomplete, a reload does not resume; all else works. */
export class PendingAnswers {
    #memory;
    constructor(memory) {
        this.#memory = memory;
    }
    async get(chatId) {
        const id = await attempt(() => this.#memory()?.getItem(key(chatId)));
        return typeof id === "string" ? id : null;
    }
    async set(chatId, id) {
        await attempt(() => this.#memory()?.setItem(key(chatId), id));
        // An old id that could not be replaced must not be resumed.
        if ((await this.get(chatId)) !== id)
            await attempt(() => this.#memory()?.removeItem(key(chatId)));
    }
    /** Keep a newer id: another prompt of this chat may have been sent since. */
    async forget(chatId, id) {
        if ((await this.get(chatId)) === id)
            await attempt(() => this.#memory()?.removeItem(key(chatId)));
    }
}
async function attempt(act) {
    try {
        return await act();
    }
    catch {
        return undefined;
    }
}
function key(chatId) {
    return `framestream:${chatId}`;
}
