/** The client's options, their defaults, and their validation. */
import { FrameStreamError } from "./errors.js";
export const RECONNECT = {
    ...{ base: 500, cap: 30_000, idleCap: 60_000 },
    ...{ pauseWhenFull: 15_000, longestRetryAfter: 60_000 },
};
export const DEFAULTS = {
    ...{ heartbeat: 540_000, patience: 10_000, stallTimeout: 10_000 },
    ...{ pollInterval: 2_500, requestTimeout: 30_000, tokenTimeout: 10_000 },
};
/** Throw a clear error for a wrong option at construction, not at the first call. */
export function check({ httpUrl, getToken }) {
    const problem = problemWith(httpUrl);
    if (problem) {
        const example = "https://abc123.execute-api.eu-central-1.amazonaws.com";
        throw bad(`The option httpUrl ${problem}: give the stack's output HttpUrl, such as ${example}.`);
    }
    if (typeof getToken !== "function") {
        throw bad("The option getToken is missing: give a function that returns the user's token, or a promise of it.");
    }
}
function problemWith(httpUrl) {
    if (typeof httpUrl !== "string" || !httpUrl.trim())
        return "is missing";
    let url;
    try {
        url = new URL(httpUrl);
    }
    catch {
        return `is no absolute URL ("${httpUrl}")`;
    }
    if (!/^https?:$/.test(url.protocol))
        return `does not begin with https:// or http:// ("${httpUrl}")`;
    if (/\/api\/chat(\/|$)/.test(url.pathname))
        return `must not contain /api/chat ("${httpUrl}")`;
    return url.search || url.hash ? `has a query or a fragment ("${httpUrl}")` : null;
}
function bad(message) {
    return new FrameStreamError(message, "bad_option");
}
