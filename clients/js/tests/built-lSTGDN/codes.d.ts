/**
 * What statuses and codes mean for a client: which failures are retried, and which are final.
 *
 * clients/conformance/codes.json specifies the same for every client.
 */
export declare const NORMAL = 1000;
/** Reported where no reason is known. */
export declare const ABNORMAL = 1006;
export declare const TRY_LATER = 1013;
export declare const INVALID_TOKEN = 4001;
export declare const TOO_MANY_SOCKETS = 4429;
/** Refusals that a retry does not change. An expired token was replaced by a fresh one before. */
export declare const FATAL_CODES: readonly (number | string)[];
/** Refusals because a limit is reached; they do not count as failures. */
export declare const PAUSING_CODES: readonly (number | string)[];
/** The code of a refusal without one in its body, such as API Gateway's own, by its status. */
export declare const CODE_BY_STATUS: Readonly<Record<number, number>>;
/** Refusals of a prompt that end it although others with their status are retried: only time, or money, changes them. */
export declare const FATAL_PROMPT_CODES: readonly (number | string)[];
/** The statuses that end reading a generation; all others are retried. */
export declare const FATAL_READ_STATUSES: readonly (number | undefined)[];
/** How often to retry: not at all, a few times, or without limit. */
export type RetryPolicy = "never" | "few" | "always";
/**
 * Whether to repeat a call with this status; 0 is no answer at all. A failing function may fail at this very request,
 * and a response that is not the server's may come from a wrong address: both are retried a few times only.
 */
export declare function retryPolicyOf(status: number): RetryPolicy;
