/** What a page shows of a conversation: one path through the server's messages, and between them what is only here. */
import { hasEnded, isOpen } from "./chat-messages.js";
export function messagesOf(seen) {
    const path = pathOf(seen);
    const places = new Map();
    for (const local of withoutKnown(seen)) {
        const place = seen.placeOf(local.id);
        const key = place && !seen.branches.has(place) ? null : place;
        places.set(key, [...(places.get(key) ?? []), { ...local, ...seen.received(local.id) }]);
    }
    const all = [...(places.get(null) ?? [])];
    let prompt = null;
    for (const node of path) {
        const message = messageOf(node, prompt, seen);
        if (message.role === "user")
            prompt = message.text;
        all.push(message, ...(places.get(node.id) ?? []));
    }
    return [...all, ...(places.get(undefined) ?? [])];
}
function pathOf({ branches, end, cut }) {
    const path = branches.pathTo(end);
    return cut === undefined ? path : path.slice(0, path.findIndex(({ id }) => id === cut) + 1);
}
function messageOf(node, prompt, seen) {
    const { id } = node;
    const recorded = seen.thread.messages.get(id);
    const shown = seen.shownId(id);
    const names = { id: shown, messageId: id, ...siblingsOf(node, seen) };
    if (recorded?.role === "user") {
        const { text, created_at: createdAt, attachments = seen.attached(shown) } = recorded;
        const question = { role: "user", text: text ?? "", status: "completed", generationId: null };
        return { ...names, ...question, createdAt, ...(attachments && { attachments }) };
    }
    const answer = {
        ...names,
        role: "assistant",
        text: "",
        status: "queued",
        generationId: id,
        prompt,
    };
    const received = seen.received(shown);
    if (!recorded)
        return { ...answer, ...received };
    const isReceived = received && (seen.isRunning(shown) || (recorded.text === null && isWhole(received)));
    const { parts = null } = received ?? {};
    return { ...answer, ...endOf(recorded), ...(parts && { parts }), ...(isReceived && received) };
}
/** Whether its end was received, and not only the end of a connection. */
function isWhole(received) {
    const { status = "queued", error } = received;
    return hasEnded({ status }) && !isCutOff(received) && error?.code !== "not_found";
}
/** Whether a connection ended, and not the answer. */
export function isCutOff({ status = "queued", error }) {
    return isOpen({ ...CUT_OFF, status, error: error ?? null }) && status === "failed";
}
const CUT_OFF = { id: "", role: "assistant", text: "", generationId: "" };
function endOf({ text, status, error, code, retryable, ...rest }) {
    const { usage = null, cost = null, context = null, created_at: createdAt, has_parts: hasParts } = rest;
    const model = rest.answered_by ?? rest.model ?? null;
    const failure = {
        message: error ?? "The answer failed.",
        code: code ?? "internal",
        retryable: !!retryable,
    };
    return {
        ...{ text: text ?? "", status: status ?? "completed", model, usage, cost, context, createdAt },
        ...(hasParts && { hasParts }),
        error: status === "failed" ? { ...failure, retryAt: null } : null,
    };
}
function siblingsOf({ id, siblings }, { shownId }) {
    const index = siblings.indexOf(id);
    const at = (place) => (siblings[place] === undefined ? null : shownId(siblings[place]));
    return { siblings: { index, count: siblings.length, previous: at(index - 1), next: at(index + 1) } };
}
/** The local messages without those that the server has, too. A question goes with its answer. */
function withoutKnown({ locals, thread, branches, shownId }) {
    if (!locals.length)
        return locals;
    const ids = new Set([...thread.messages.keys()].map(shownId));
    const texts = new Set([...thread.messages.values()].map(({ role, text }) => `${role} ${text}`));
    const isKnown = ({ id, role, text, generationId }) => ids.has(id) ||
        (generationId === null ? !!text && texts.has(`${role} ${text}`) : branches.has(generationId));
    return locals.filter((message, at) => {
        const next = locals[at + 1];
        return !isKnown(message.role === "user" && next?.role === "assistant" ? next : message);
    });
}
