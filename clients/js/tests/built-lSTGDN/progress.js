/**
 * The progress of a generation, and what is new in a message about it.
 *
 * After each reconnect the server repeats an unfinished answer from its start, the two sockets of a roll-over bring each
 * message twice, and a fetched snapshot repeats earlier frames. This module merges all of them, so that the application
 * gets everything exactly once.
 */
import { hasGap, inAttempt, merge, NOTHING } from "./answer.js";
import { afterSnapshot, contentOf, isMissingPart, mergePart, NO_PARTS, settled, withoutText, } from "./parts.js";
import { messagesOf } from "./snapshot.js";
export const START = {
    answer: NOTHING,
    parts: NO_PARTS,
    status: "queued",
    thought: false,
    model: null,
    response: null,
    error: null,
};
const ORDER = ["queued", "started", "processing", "thinking", "streaming"];
const ENDS = ["completed", "failed", "cancelled"];
/** An unknown status is not an end. */
export function isEnd(status) {
    return ENDS.includes(status);
}
/** Something exists on the server that did not arrive; only a snapshot brings it. */
export function isIncomplete({ answer, parts, status, response, error }) {
    const isEndMissing = (status === "completed" && !response) || (status === "failed" && !error);
    return hasGap(answer) || isMissingPart(parts) || isEndMissing;
}
/** Apply a message. An unknown, late, malformed or repeated one changes nothing. */
export function advance(before, message) {
    if (!Number.isInteger(message.attempt))
        return [before, null];
    const answer = inAttempt(before.answer, message.attempt);
    if (isEnd(before.status) || message.attempt < answer.attempt)
        return [before, null];
    const progress = answer === before.answer ? before : { ...START, answer };
    switch (message.type) {
        case "llm_status":
            return withStatus(progress, message.status, message);
        case "llm_frame":
            return withFrame(progress, message);
        case "llm_part":
            return withPart(progress, message);
        case "llm_response":
            return withResponse(progress, message);
        case "llm_error":
            return progress.error ? [progress, null] : [{ ...progress, error: message }, message];
        default:
            return [progress, null];
    }
}
function withStatus(progress, status, update) {
    const { answer } = progress;
    if (isEnd(status)) {
        // An end that arrives before all of the text counts only once a snapshot has filled the gap: it repeats the end.
        if (!isIncomplete({ ...progress, status }))
            return [{ ...progress, status }, update];
        return [{ ...progress, answer: { ...answer, known: Math.max(answer.known, answer.length + 1) } }, null];
    }
    if (ORDER.indexOf(status) <= ORDER.indexOf(progress.status))
        return [progress, null];
    return [{ ...progress, status }, update];
}
function withFrame(progress, message) {
    const { frame, attempt } = message;
    if (frame?.status === "thinking")
        return [{ ...progress, thought: true }, progress.thought ? null : message];
    if (typeof frame?.delta !== "string" || !isCount(frame.offset))
        return [progress, null];
    const { text, length } = progress.answer;
    const answer = merge(progress.answer, { ...frame, attempt });
    const delta = answer.text.slice(text.length);
    const { model = progress.model } = frame;
    return [
        { ...progress, answer, model },
        delta ? { ...message, frame: { ...frame, delta, offset: length } } : null,
    ];
}
function withPart(progress, message) {
    const { index, kind, delta, offset, text_offset } = message.part ?? {};
    if (typeof kind !== "string" || typeof delta !== "string")
        return [progress, null];
    if (![index, offset, text_offset].every(isCount))
        return [progress, null];
    const before = contentOf(progress.parts, index);
    const parts = (delta ? mergePart : withoutText)(progress.parts, message.part);
    const { text } = contentOf(parts, index);
    if (text === before.text)
        return [{ ...progress, parts }, null];
    const part = { ...message.part, delta: text.slice(before.text.length), offset: before.length };
    return [
        { ...progress, parts },
        { ...message, part },
    ];
}
function withResponse(progress, message) {
    const { answer } = progress;
    const { length, response } = message.data ?? {};
    if (progress.response || !isCount(length))
        return [progress, null];
    if (typeof response !== "string" && answer.length < length)
        return [{ ...progress, answer: { ...answer, known: length } }, null];
    // A response without text was too long for one message; its text is known from the frames.
    const text = response ?? answer.text;
    const data = { ...message.data, response: text };
    const { model } = data;
    return [
        { ...progress, model, answer: { ...answer, text, length, known: length }, response: data },
        { ...message, data },
    ];
}
function isCount(number) {
    return Number.isInteger(number) && number >= 0;
}
/** Apply a snapshot. A finished one is complete, even if more text was known to exist. */
export function catchUp(before, snapshot) {
    const all = [];
    let progress = before;
    for (const message of messagesOf(snapshot)) {
        if (message.type === "llm_status" && isEnd(message.status))
            progress = withoutGap(progress);
        const [next, update] = advance(progress, message);
        progress = next;
        if (update)
            all.push(update);
    }
    return [{ ...progress, parts: afterSnapshot(progress.parts) }, all];
}
function withoutGap(progress) {
    const { answer, parts } = progress;
    return { ...progress, answer: { ...answer, known: answer.length }, parts: settled(parts) };
}
