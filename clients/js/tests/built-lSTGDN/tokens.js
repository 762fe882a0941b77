/** The user's token: `getToken` is called once at a time, however many calls need it. */
import { INVALID_TOKEN } from "./codes.js";
import { FrameStreamError, reasonOf } from "./errors.js";
import { within } from "./within.js";
/** The messages of a `fetch` without a network, in Chrome, Firefox, Safari and Node. */
const NETWORK = /fetch|network|load failed/i;
export class Tokens {
    #renewals = 0;
    #asked = null;
    #askedFresh = false;
    #latest = null;
    #getToken;
    #timeout;
    #environment;
    constructor(getToken, timeout, environment) {
        this.#getToken = getToken;
        this.#timeout = timeout;
        this.#environment = environment;
    }
    /** The current token, or with `fresh` a new one. */
    get(fresh = false) {
        if (this.#asked && (this.#askedFresh || !fresh))
            return this.#asked;
        const asked = this.#ask(fresh).finally(() => {
            if (this.#asked === asked)
                this.#asked = null;
        });
        this.#askedFresh = fresh;
        return (this.#asked = asked);
    }
    /** A replacement for a refused token; another call may have got one already. */
    renew(refused) {
        if (this.#latest && this.#latest.renewals > refused.renewals)
            return Promise.resolve(this.#latest);
        return this.get(true);
    }
    async #ask(fresh) {
        try {
            const token = await within(this.#timeout, this.#environment.clock, () => this.#getToken({ fresh }));
            if (!token || typeof token !== "string")
                throw new Error("it gave no token");
            if (fresh)
                this.#renewals++;
            const given = { token, renewals: this.#renewals };
            if (fresh)
                this.#latest = given;
            return given;
        }
        catch (cause) {
            if (cause instanceof FrameStreamError)
                throw cause;
            const reason = reasonOf(cause);
            // The page's own back end is unreachable, which may pass.
            const code = cause instanceof TypeError && NETWORK.test(cause.message) ? "unreachable" : "no_token";
            throw new FrameStreamError(`getToken failed: ${reason}.`, code, true, { cause });
        }
    }
}
/** The user id in a token. The signature is not checked here: the server does that. */
export function userOf(token) {
    try {
        const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
        const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
        const claims = JSON.parse(new TextDecoder().decode(bytes));
        const user = claims.sub ?? claims.user_id;
        if (user)
            return user;
    }
    catch {
        // Fall through: a token that cannot be read has no user id.
    }
    throw new FrameStreamError("The token names no user; give the option userId.", INVALID_TOKEN);
}
