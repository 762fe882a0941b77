/** Retries: exponential backoff with full jitter, and the loop that repeats a call until it succeeds. */
import type { Environment } from "./environment.ts";
import type { FrameStreamError } from "./errors.ts";
export interface Backoff {
    /** Milliseconds; the longest first pause. 500 unless set. */
    base: number;
    /** Milliseconds; the longest pause while an answer is awaited. 30,000 unless set. */
    cap: number;
}
export interface Reconnect extends Backoff {
    /** Milliseconds; the longest pause while no answer is awaited. 60,000 unless set. */
    idleCap: number;
    /**
     * Milliseconds between attempts while the user holds too many sockets, times a random 0.75 to 1.25. 15,000 unless
     * set.
     */
    pauseWhenFull: number;
    /** Milliseconds; the upper bound on `Retry-After`. 60,000 unless set. */
    longestRetryAfter: number;
}
export type RetryEnvironment = Environment & Reconnect;
/** Attempts at a call during which the server's function fails. */
export declare const FEW_ATTEMPTS = 5;
/**
 * Milliseconds to wait after the given number of failures (1 for the first); `random` is from [0, 1). The full jitter
 * keeps many clients from returning at the same moment.
 */
export declare function backoff(failures: number, { base, cap }: Backoff, random: number): number;
/** Repeat a call while its failure may pass. Only for idempotent calls: an unanswered one may have been carried out. */
export declare function retry<T>(call: () => Promise<T>, environment: RetryEnvironment, { signal }?: {
    signal?: AbortSignal;
}): Promise<T>;
/** Milliseconds until a call is repeated that failed so often in a row; null if it is not. */
export declare function pauseAfter(error: FrameStreamError, failures: number, environment: RetryEnvironment): number | null;
