/** The one error that this package throws and reports. */
/** A field of a prompt that the server refuses, and why. */
export interface FieldError {
    field: string;
    message: string;
}
export interface ErrorDetails {
    /** The HTTP status, if the server answered. */
    status?: number | undefined;
    /** Milliseconds that the server asks to wait. */
    retryAfter?: number | undefined;
    errors?: readonly FieldError[];
    generationId?: string | undefined;
    chatVersion?: number | undefined;
    resetsAt?: number | undefined;
    limit?: string | undefined;
    cause?: unknown;
}
/**
 * `code` is a number where the server refuses a user, with the meaning of a close code (4000 malformed, 4001 token,
 * 4003 not allowed, 4429 too many sockets, 1013 try later), and a word otherwise: those of the wire contract, or
 * `unreachable` (no answer from the server), `no_token` (`getToken` failed), `not_connected` (the client was closed),
 * `cancelled` (cancelled before it was accepted), `no_websocket` and `bad_option`.
 */
export declare class FrameStreamError extends Error {
    readonly name = "FrameStreamError";
    readonly code: number | string;
    /** Whether the same call may succeed later. */
    readonly retryable: boolean;
    /** The HTTP status, if the server answered. */
    readonly status: number | undefined;
    /** Milliseconds that the server asks to wait. */
    readonly retryAfter: number | undefined;
    /** The fields that were refused (422), each with its reason. */
    readonly errors: readonly FieldError[];
    /** The running answer of the chat, with the code `busy`. */
    readonly generationId: string | undefined;
    /** The version of the chat, with the code `stale_parent`. */
    readonly chatVersion: number | undefined;
    /** When the budget begins anew, in milliseconds since 1970, with the code `budget_exceeded`. */
    readonly resetsAt: number | undefined;
    /** Which limit is reached, with the code `budget_exceeded`. */
    readonly limit: string | undefined;
    constructor(message: string, code: number | string, retryable?: boolean, details?: ErrorDetails);
}
/** Whether the credential was refused: the user has to sign in again. */
export declare function isAuthError(code: number | string): boolean;
/** The message of a thrown value; that of the innermost cause, because `fetch failed` alone explains nothing. */
export declare function reasonOf(thrown: unknown): string;
