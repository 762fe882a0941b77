/** A chat as the server records it, as far as this client knows: its messages, and what each change makes of them. */
/** Code points. */
const LONGEST_TITLE = 80;
export const NO_RECORD = {
    ...{ version: 0, updatedAt: "", title: "", leaf: null, running: null },
    queue: { is_paused: false, waiting: [] },
    messages: new Map(),
};
/** The thread after the change that made its next version; null if only the server can say what it is then. */
export function applied(thread, change) {
    const next = { ...thread, version: change.version, updatedAt: change.timestamp };
    const { queue } = thread;
    if (change.event === "ended")
        return ended(next, change);
    const { generation_id: id } = change;
    switch (change.event) {
        case "prompt":
            return prompted(next, change);
        case "regenerate":
            return id ? { ...next, queue: after(queue, id), running: runningNow(id, change.message_id) } : null;
        case "queued":
            return queued(next, change);
        case "queue_edited":
            return change.text === null ? null : { ...next, queue: edited(queue, id, change.text) };
        case "unqueued":
            return { ...next, queue: without(queue, id) };
        case "queue_resumed":
            return { ...next, queue: { ...queue, is_paused: false } };
        case "title":
            return { ...next, title: change.title ?? "" };
        case "deleted":
            return NO_RECORD;
        default:
            return null;
    }
}
function prompted(thread, change) {
    const { message_id, parent_id, generation_id, text, version: number, timestamp, title, attachments, } = change;
    if (text === null || !message_id || !generation_id)
        return null;
    const names = { message_id, parent_id, generation_id, number };
    const enclosed = attachments && { attachments };
    const question = { ...names, role: "user", text, created_at: timestamp, ...enclosed };
    const isFirst = thread.messages.size === 0 && !thread.title;
    return {
        ...thread,
        title: title ?? (isFirst ? titleOf(text) : thread.title),
        queue: after(thread.queue, generation_id),
        running: runningNow(generation_id, message_id),
        messages: new Map(thread.messages).set(message_id, question),
    };
}
function runningNow(id, questionId) {
    return { id, questionId, isNew: true };
}
/**
 * The text of a complete answer is null: this client has it from the frames. Of another one the last pieces may be lost
 * unnoticed, and whether it pauses the queue is not told.
 */
function ended(thread, { generation_id, status, version: number, timestamp }) {
    const { running } = thread;
    if (running?.id !== generation_id || !running.questionId || status !== "completed")
        return null;
    const names = { message_id: generation_id, parent_id: running.questionId, generation_id, number };
    const answer = { ...names, role: "assistant", text: null, created_at: timestamp, status };
    return {
        ...thread,
        ...{ running: null, leaf: generation_id },
        messages: new Map(thread.messages).set(generation_id, answer),
    };
}
function queued(thread, { generation_id, text, timestamp, position, isOwn }) {
    const { queue } = thread;
    const at = position ?? (queue.waiting.length ? null : 0);
    // Of a change elsewhere the text may only be too long to be told.
    const isWhole = text !== null || isOwn;
    if (!generation_id || at === null || !isWhole)
        return null;
    const prompt = { generation_id, prompt: text, created_at: timestamp };
    const waiting = [...queue.waiting.slice(0, at), prompt, ...queue.waiting.slice(at)];
    // Only what interrupts comes before others, and lets a paused queue go on.
    return { ...thread, queue: { is_paused: queue.is_paused && at > 0, waiting } };
}
function edited(queue, id, prompt) {
    const waiting = queue.waiting.map((each) => (each.generation_id === id ? { ...each, prompt } : each));
    return { ...queue, waiting };
}
/** The queue after this prompt was taken out of it. Only one that holds something is paused. */
function without(queue, id) {
    const waiting = queue.waiting.filter(({ generation_id }) => generation_id !== id);
    return { is_paused: queue.is_paused && waiting.length > 0, waiting };
}
/** The queue after this prompt has left it to be answered; those before it were gone. */
function after(queue, id) {
    const at = queue.waiting.findIndex(({ generation_id }) => generation_id === id);
    return at < 0 ? queue : { is_paused: false, waiting: queue.waiting.slice(at + 1) };
}
/** A title as the server makes it of the first prompt. */
export function titleOf(prompt) {
    const line = [...prompt.replace(/[\p{C}\p{Z}]+/gu, " ").trim()];
    return line.length <= LONGEST_TITLE
        ? line.join("")
        : `${line
            .slice(0, LONGEST_TITLE - 1)
            .join("")
            .trimEnd()}…`;
}
/** The thread with the messages of a reply, and with its head, unless what is known is newer. */
export function caughtUp(thread, reply, { isWhole }) {
    const { chat, queue } = reply;
    const isNewer = chat.version >= thread.version;
    const messages = new Map(isWhole && isNewer ? [] : thread.messages);
    for (const message of reply.messages)
        messages.set(message.message_id, message);
    if (!isNewer)
        return { ...thread, messages };
    const { version, updated_at: updatedAt, title, leaf_id: leaf, running: id } = chat;
    const running = id === null ? null : runningOf(id, thread, messages);
    return { version, updatedAt, title, leaf, queue, messages, running };
}
function runningOf(id, { running }, messages) {
    if (running?.id === id && running.questionId)
        return running;
    const asked = [...messages.values()].find((each) => each.role === "user" && each.generation_id === id);
    return { id, questionId: asked?.message_id ?? null, isNew: false };
}
/** Whether a reply is about another chat than the one that is known: that was deleted. */
export function isAnother({ version, updatedAt }, { chat }) {
    return version > 0 && Date.parse(chat.created_at) > Date.parse(updatedAt);
}
/** The thread of a running answer whose question is known now. */
export function withQuestion(thread, id, questionId) {
    return thread.running?.id === id ? { ...thread, running: { ...thread.running, questionId } } : thread;
}
