/** Retries: exponential backoff with full jitter, and the loop that repeats a call until it succeeds. */
import { retryPolicyOf } from "./codes.js";
/** Attempts at a call during which the server's function fails. */
export const FEW_ATTEMPTS = 5;
/** Attempts at a call for which the application gives no token; each may take the whole `tokenTimeout`. */
const TOKEN_ATTEMPTS = 3;
/**
 * Milliseconds to wait after the given number of failures (1 for the first); `random` is from [0, 1). The full jitter
 * keeps many clients from returning at the same moment.
 */
export function backoff(failures, { base, cap }, random) {
    return random * Math.min(cap, base * 2 ** (Math.max(1, failures) - 1));
}
/** Repeat a call while its failure may pass. Only for idempotent calls: an unanswered one may have been carried out. */
export async function retry(call, environment, { signal } = {}) {
    for (let failures = 1;; failures++) {
        try {
            return await call();
        }
        catch (thrown) {
            const error = thrown;
            if (!environment.page.online())
                failures = 1;
            const ms = pauseAfter(error, failures, environment);
            if (signal?.aborted || ms === null)
                throw error;
            await pause(error, ms, environment, signal);
            if (signal?.aborted)
                throw error;
        }
    }
}
/** Milliseconds until a call is repeated that failed so often in a row; null if it is not. */
export function pauseAfter(error, failures, environment) {
    if (!error.retryable || failures >= attemptsAfter(error))
        return null;
    const { page, random, idleCap, longestRetryAfter } = environment;
    const ms = page.online() ? backoff(failures, environment, random()) : idleCap;
    return Math.max(ms, Math.min(error.retryAfter ?? 0, longestRetryAfter));
}
function attemptsAfter({ code, status = 0 }) {
    if (code === "no_token")
        return TOKEN_ATTEMPTS;
    return retryPolicyOf(status) === "few" ? FEW_ATTEMPTS : Infinity;
}
/** Wait for `ms`, or until the page is online or visible again, unless the server asked to wait. */
function pause({ retryAfter = 0 }, ms, { clock, page }, signal) {
    return new Promise((resolve) => {
        const done = () => {
            stopTimer();
            stopWake?.();
            signal?.removeEventListener("abort", done);
            resolve();
        };
        const stopTimer = clock.after(ms, done);
        const stopWake = retryAfter ? null : page.onWake(done);
        signal?.addEventListener("abort", done);
    });
}
