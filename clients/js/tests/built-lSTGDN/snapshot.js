/** The messages that bring the same as a stored generation. */
import { beginningOf, lengthOf } from "./codepoints.js";
export function messagesOf(snapshot) {
    const { user_id, chat_id, generation_id, attempt, timestamp, status, text } = snapshot;
    const names = { user_id, chat_id, generation_id, timestamp };
    const about = { ...names, attempt };
    const statusMessage = (status, message) => ({
        ...{ ...about, type: "llm_status", status, message },
    });
    const messages = [];
    if (text)
        messages.push(statusMessage("streaming", "The answer is coming in."));
    messages.push(...contentIn(snapshot, about));
    if (status === "completed") {
        const { model, answered_by, finish_reason, usage, length, cost, context } = snapshot;
        const facts = { ...(cost !== undefined && { cost }), ...(context !== undefined && { context }) };
        const data = {
            ...names,
            event: "response_generated",
            response: null,
            model: answered_by ?? model,
        };
        messages.push({
            ...{ ...about, type: "llm_response" },
            data: { ...data, finish_reason, usage, length, ...facts },
        });
    }
    const { error } = snapshot;
    if (status === "failed") {
        const failure = { code: snapshot.code ?? "internal", retryable: !!snapshot.retryable };
        messages.push({ ...about, type: "llm_error", error: error ?? "The answer failed.", ...failure });
    }
    if (status !== "queued")
        messages.push(statusMessage(status, error ?? `The answer is ${status}.`));
    return messages;
}
/** The text and the parts within it, in their order. */
function contentIn({ text, offset, parts = [] }, about) {
    const messages = [];
    let at = offset;
    let rest = text;
    const addText = (delta) => {
        const frame = { status: "streaming", delta, offset: at, progress: "indeterminate" };
        if (delta)
            messages.push({ ...about, type: "llm_frame", frame });
        at += lengthOf(delta);
        rest = rest.slice(delta.length);
    };
    for (const stored of parts) {
        if (stored.kind === "text")
            continue;
        const { index, kind, text_offset, text: delta } = stored;
        addText(beginningOf(rest, text_offset - at) ?? rest);
        // Without text, it is not kept.
        const part = { index, kind, delta: delta ?? "", offset: 0, text_offset };
        messages.push({ ...about, type: "llm_part", part });
    }
    addText(rest);
    return messages;
}
