/** The calls about chats: their list, messages, titles and waiting prompts, and what the user has used. */
import { retry } from "./retry.js";
/** All calls are repeated while their failure may pass, until the client is closed. */
export class Chats {
    #http;
    #environment;
    #session;
    /** @internal */
    constructor(http, environment, session) {
        this.#http = http;
        this.#environment = environment;
        this.#session = session;
    }
    /** The user's chats, the one that changed last first. */
    list({ limit, before } = {}) {
        return this.#call("GET", `chats${query({ limit, before })}`, "chats");
    }
    /** Messages of all branches, the oldest first; with `has_more` there are more since `next_since`. */
    messages(chatId, { since, leaf, limit } = {}) {
        return this.#call("GET", `${path(chatId)}/messages${query({ since, leaf, limit })}`, "messages");
    }
    /**
     * The same without repetition.
     * @internal
     */
    read(chatId, since) {
        return this.#http.call("GET", `${path(chatId)}/messages${query({ since: since || undefined })}`, "messages");
    }
    rename(chatId, title) {
        return this.#call("PATCH", path(chatId), "chat_id", { title });
    }
    /** Delete a chat with its questions and answers. What is running in it is cancelled. */
    async delete(chatId) {
        let attempts = 0;
        const once = () => {
            attempts++;
            return this.#http.call("DELETE", path(chatId), "chat_id");
        };
        try {
            await retry(once, this.#environment, { signal: this.#session() });
        }
        catch (error) {
            // The reply to an earlier attempt was lost.
            if (attempts === 1 || error.status !== 404)
                throw error;
        }
    }
    /** What the user has used today and this month, and the limits. */
    usage() {
        return this.#call("GET", "usage", "day");
    }
    /** The prompts that wait in a chat. A prompt that does not wait any more is `not_found`. */
    queue = {
        edit: (chatId, generationId, prompt) => this.#call("PATCH", queuePath(chatId, generationId), "waiting", { prompt }),
        remove: (chatId, generationId) => this.#call("DELETE", queuePath(chatId, generationId), "waiting"),
        /** Go on after a stop, which pauses the queue. */
        resume: (chatId) => this.#call("POST", queuePath(chatId, "resume"), "waiting", {}),
    };
    #call(method, path, field, content) {
        const call = () => this.#http.call(method, path, field, content);
        return retry(call, this.#environment, { signal: this.#session() });
    }
}
function path(chatId) {
    return `chats/${encodeURIComponent(chatId)}`;
}
function queuePath(chatId, name) {
    return `${path(chatId)}/queue/${encodeURIComponent(name)}`;
}
function query(values) {
    const set = Object.entries(values).filter(([, value]) => value !== undefined);
    return set.length ? `?${new URLSearchParams(set)}` : "";
}
