/** The messages of a chat as plain data, which a page may store, and what follows from them. */
const ENDED = ["completed", "failed", "cancelled"];
/** Failures of the connection; the answer itself may have gone on. */
const CONNECTION_CODES = ["not_connected", "unreachable"];
export const UNKNOWN_PROMPT = {
    message: "This page was left before the question was sent, and does not know it any more.",
    ...{ code: "not_sent", retryable: false, retryAt: null },
};
export function hasEnded({ status }) {
    return ENDED.includes(status);
}
/** Whether the message is an answer whose end is unknown: it may be running, or complete by now. */
export function isOpen({ role, status, generationId, error }) {
    if (role !== "assistant")
        return false;
    const isCutOff = status === "failed" && generationId !== null && CONNECTION_CODES.includes(error?.code ?? "");
    return isCutOff || !ENDED.includes(status);
}
/** Whether `regenerate` can repeat the prompt of this message. */
export function canRegenerate(message) {
    return message?.role === "assistant" && hasEnded(message) && !!message.prompt;
}
/** Give an answer that was stored without its prompt the user's message before it, unless another answer is between. */
export function withPrompts(messages) {
    return messages.map((message, at) => {
        if (message.role === "user" || message.prompt !== undefined)
            return message;
        const before = messages[at - 1];
        return { ...message, prompt: before?.role === "user" ? before.text : null };
    });
}
/** The stored messages, replaced by known ones where there are any, and then the known ones that are not stored. */
export function merged(known, stored, gone) {
    const rest = [...known];
    const all = withPrompts(stored)
        .filter(({ id }) => !gone.has(id))
        .map((message) => {
        const at = indexIn(rest, message);
        return at < 0 ? message : rest.splice(at, 1)[0];
    });
    return [...all, ...rest];
}
/** An application may store messages with ids of its own, and without those of generations. */
function indexIn(known, { id, role, text, generationId }) {
    const at = known.findIndex((other) => id === other.id);
    if (at >= 0)
        return at;
    return known.findIndex((other) => generationId === null
        ? text !== "" && role === other.role && text === other.text
        : generationId === other.generationId);
}
export function failureOf(error, now) {
    const { message, code, retryable, retryAfter, resetsAt } = error;
    const retryAt = resetsAt ?? (retryAfter === undefined ? null : now + retryAfter);
    return { message, code, retryable, retryAt };
}
