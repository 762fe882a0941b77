/** The one error that this package throws and reports. */
import { INVALID_TOKEN } from "./codes.js";
/**
 * `code` is a number where the server refuses a user, with the meaning of a close code (4000 malformed, 4001 token,
 * 4003 not allowed, 4429 too many sockets, 1013 try later), and a word otherwise: those of the wire contract, or
 * `unreachable` (no answer from the server), `no_token` (`getToken` failed), `not_connected` (the client was closed),
 * `cancelled` (cancelled before it was accepted), `no_websocket` and `bad_option`.
 */
export class FrameStreamError extends Error {
    name = "FrameStreamError";
    code;
    /** Whether the same call may succeed later. */
    retryable;
    /** The HTTP status, if the server answered. */
    status;
    /** Milliseconds that the server asks to wait. */
    retryAfter;
    /** The fields that were refused (422), each with its reason. */
    errors;
    /** The running answer of the chat, with the code `busy`. */
    generationId;
    /** The version of the chat, with the code `stale_parent`. */
    chatVersion;
    /** When the budget begins anew, in milliseconds since 1970, with the code `budget_exceeded`. */
    resetsAt;
    /** Which limit is reached, with the code `budget_exceeded`. */
    limit;
    constructor(message, code, retryable = false, details = {}) {
        const { status, retryAfter, errors = [], cause } = details;
        super(message, cause === undefined ? undefined : { cause });
        this.code = code;
        this.retryable = retryable;
        this.status = status;
        this.retryAfter = retryAfter;
        this.errors = errors;
        this.generationId = details.generationId;
        this.chatVersion = details.chatVersion;
        this.resetsAt = details.resetsAt;
        this.limit = details.limit;
    }
}
/** Whether the credential was refused: the user has to sign in again. */
export function isAuthError(code) {
    return code === INVALID_TOKEN || code === 4003;
}
/** The message of a thrown value; that of the innermost cause, because `fetch failed` alone explains nothing. */
export function reasonOf(thrown) {
    const { message, cause } = (thrown ?? {});
    if (cause)
        return reasonOf(cause);
    return message || (thrown ? String(thrown) : "no reason was given");
}
