/**
 * What statuses and codes mean for a client: which failures are retried, and which are final.
 *
 * clients/conformance/codes.json specifies the same for every client.
 */
export const NORMAL = 1000;
/** Reported where no reason is known. */
export const ABNORMAL = 1006;
export const TRY_LATER = 1013;
export const INVALID_TOKEN = 4001;
export const TOO_MANY_SOCKETS = 4429;
/** Refusals that a retry does not change. An expired token was replaced by a fresh one before. */
export const FATAL_CODES = [4000, INVALID_TOKEN, 4003];
/** Refusals because a limit is reached; they do not count as failures. */
export const PAUSING_CODES = [TOO_MANY_SOCKETS, "rate_limited"];
/** The code of a refusal without one in its body, such as API Gateway's own, by its status. */
export const CODE_BY_STATUS = {
    400: 4000,
    401: INVALID_TOKEN,
    403: 4003,
    429: TOO_MANY_SOCKETS,
    503: TRY_LATER,
};
/** Refusals of a prompt that end it although others with their status are retried: only time, or money, changes them. */
export const FATAL_PROMPT_CODES = ["budget_exceeded"];
/** The statuses that end reading a generation; all others are retried. */
export const FATAL_READ_STATUSES = [401, 403, 404];
/**
 * Whether to repeat a call with this status; 0 is no answer at all. A failing function may fail at this very request,
 * and a response that is not the server's may come from a wrong address: both are retried a few times only.
 */
export function retryPolicyOf(status) {
    if ([0, 408, 425, 429, 502, 503, 504].includes(status))
        return "always";
    return status < 400 || status >= 500 ? "few" : "never";
}
