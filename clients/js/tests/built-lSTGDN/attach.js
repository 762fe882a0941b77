/** Uploads a file that prompts may name: asks the server for a form, and posts the file with it to the bucket. */
import { retryPolicyOf } from "./codes.js";
import { FrameStreamError, reasonOf } from "./errors.js";
import { CANCELLED } from "./generation.js";
import { retry } from "./retry.js";
import { within } from "./within.js";
const TEXTS = { txt: "text/plain", md: "text/markdown", csv: "text/csv" };
/** Each attempt has a form of its own, because a form may be used for some minutes only. */
export async function attach(http, environment, session, chatId, file, { name = file.name || "file", mediaType = typeOf(file, name), signal }) {
    const stop = new AbortController();
    const path = `chats/${encodeURIComponent(chatId)}/attachments`;
    const content = { name, media_type: mediaType, size: file.size };
    const attempt = async () => {
        const offered = await http.call("POST", path, "attachment_id", content);
        await upload(file, name, offered, environment, stop.signal);
        return offered.attachment_id;
    };
    const stopped = new Promise((_, reject) => {
        const end = () => {
            const error = session.aborted
                ? new FrameStreamError("The client was closed.", "not_connected", true)
                : new FrameStreamError(`The upload of ${name} was stopped.`, CANCELLED);
            reject(error);
            stop.abort();
        };
        for (const each of [signal, session])
            each?.addEventListener("abort", end, { signal: stop.signal });
        if (signal?.aborted)
            end();
    });
    try {
        return await (stop.signal.aborted ? stopped : Promise.race([stopped, retry(attempt, environment, stop)]));
    }
    finally {
        stop.abort();
    }
}
async function upload(file, name, { upload: { url, fields }, expires_in }, { fetch, clock }, signal) {
    let response;
    let reply;
    try {
        [response, reply] = await within(expires_in * 1000, clock, async () => {
            const response = await fetch(url, { method: "POST", body: formOf(file, name, fields), signal });
            return [response, await response.text()];
        });
    }
    catch (cause) {
        const message = `${new URL(url).origin}: the upload of ${name} was not answered (${reasonOf(cause)}).`;
        throw new FrameStreamError(message, "unreachable", true, { cause });
    }
    const { ok, status } = response;
    if (ok)
        return;
    const isRetried = retryPolicyOf(status) !== "never";
    const message = `The upload of ${name} was refused (${reasonIn(reply) ?? status}).`;
    throw new FrameStreamError(message, "upload_refused", isRetried, { status });
}
/** The bucket ignores what comes after the file. */
function formOf(file, name, fields) {
    const form = new FormData();
    for (const [field, value] of Object.entries(fields))
        form.append(field, String(value));
    form.append("file", file, name);
    return form;
}
/** The bucket answers in XML. */
function reasonIn(reply) {
    const [code, message] = ["Code", "Message"].map((tag) => reply.match(`<${tag}>([^<]+)`)?.[1]);
    return code && message ? `${code}: ${message}` : code;
}
function typeOf({ type }, name) {
    const ending = name.split(".").at(-1).toLowerCase();
    return TEXTS[ending] ?? type.split(";")[0].trim();
}
