/** The calls of the HTTP API, and every way in which they fail as a `FrameStreamError`. */
import { FATAL_PROMPT_CODES, INVALID_TOKEN, retryPolicyOf } from "./codes.js";
import { FrameStreamError, reasonOf } from "./errors.js";
import { userOf } from "./tokens.js";
import { within } from "./within.js";
export function httpApi({ httpUrl, userId, origin, requestTimeout }, tokens, { fetch, clock }) {
    const base = `${httpUrl.replace(/\/+$/, "")}/api/chat/`;
    const unreachable = (reason, details) => new FrameStreamError(`${new URL(base).origin}: ${reason}.`, "unreachable", true, details);
    /** A token may have expired meanwhile, so a refused one is replaced once. */
    async function call(method, path, request) {
        const given = await tokens.get(request.fresh);
        try {
            return (await send(method, path, given.token, request));
        }
        catch (error) {
            if (request.fresh || error.code !== INVALID_TOKEN)
                throw error;
            const { token } = await tokens.renew(given);
            return (await send(method, path, token, request));
        }
    }
    async function send(method, path, token, { content, key, signal, field }) {
        const body = content
            ? JSON.stringify(key ? { user_id: userId ?? userOf(token), ...content } : content)
            : null;
        if (signal?.aborted)
            throw new FrameStreamError("It was not sent.", "cancelled");
        const headers = {
            authorization: `Bearer ${token}`,
            ...(origin && { origin }),
            ...(content && { "content-type": "application/json" }),
            ...(key && { "idempotency-key": key }),
        };
        let response;
        let answer;
        try {
            [response, answer] = await within(requestTimeout, clock, async (signal) => {
                const response = await fetch(base + path, { method, headers, body, signal });
                return [response, await response.json().catch(noJson)];
            });
        }
        catch (cause) {
            throw unreachable(`the server does not answer (${reasonOf(cause)})`, { cause });
        }
        if (!response.ok)
            throw problem(response, answer);
        if (answer?.[field] !== undefined)
            return answer;
        // For example the log-in page of a hotel's network, or a wrong address.
        throw unreachable("something else than the server answered", { status: response.status });
    }
    const path = (id) => `generations/${encodeURIComponent(id)}`;
    /** A text that is too long for one response comes in parts; with a new attempt it starts again. */
    async function read(id, { offset, attempt }) {
        const query = `offset=${offset}${attempt ? `&attempt=${attempt}` : ""}`;
        const part = await call("GET", `${path(id)}?${query}`, { field: "status" });
        if (!part.has_more)
            return part;
        const rest = await read(id, { offset: part.next_offset, attempt: part.attempt });
        const isSame = rest.attempt === part.attempt;
        return isSame ? { ...rest, offset: part.offset, text: part.text + rest.text } : rest;
    }
    return {
        call: (method, path, field, content) => call(method, path, { field, content }),
        ticket: ({ freshToken }) => call("POST", "connection-tickets", { fresh: freshToken, field: "websocket_url" }),
        submit({ chatId, prompt, model, parentId, onBusy, onStale, responseFormat, attachments }, key, signal) {
            const names = { chat_id: chatId, prompt, model, parent_id: parentId };
            const enclosed = { response_format: responseFormat, attachments };
            const content = { ...names, on_busy: onBusy, on_stale: onStale, ...enclosed };
            return call("POST", "generate-response", { content, key, signal, field: "generation_id" });
        },
        regenerate(id, { model, onBusy }, key, signal) {
            const content = { model, on_busy: onBusy };
            return call("POST", `${path(id)}/regenerate`, { content, key, signal, field: "generation_id" });
        },
        read,
        cancel: (id) => call("POST", `${path(id)}/cancel`, { field: "status" }),
    };
}
/** A body that is not JSON is none; one that breaks off is an error. */
function noJson(error) {
    if (error.name === "SyntaxError")
        return null;
    throw error;
}
function problem({ status, headers }, body) {
    const { code = `http_${status}`, detail = `The server answered ${status}.`, errors = [] } = body ?? {};
    const fields = errors.map(({ field, message }) => ` ${field}: ${message}.`).join("");
    const isRetried = !FATAL_PROMPT_CODES.includes(code) && retryPolicyOf(status) !== "never";
    const { generation_id: generationId, chat_version: chatVersion, resets_at, limit } = body ?? {};
    return new FrameStreamError(detail + fields, code, isRetried, {
        status,
        retryAfter: milliseconds(body?.retry_after ?? headers.get("retry-after")),
        errors,
        ...{ generationId, chatVersion, limit },
        resetsAt: Date.parse(resets_at ?? "") || undefined,
    });
}
/** `Retry-After` is a number of seconds, or a date. */
function milliseconds(retryAfter) {
    if (retryAfter === null)
        return undefined;
    const seconds = Number(retryAfter);
    const ms = Number.isNaN(seconds) ? Date.parse(String(retryAfter)) - Date.now() : seconds * 1000;
    return ms > 0 ? ms : undefined;
}
