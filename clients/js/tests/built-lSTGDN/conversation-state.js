/** The state of a conversation for a page, and its options. */
export function statusOf(messages, error, isRunning) {
    const running = messages.filter(({ id }) => isRunning(id));
    if (running.some(({ text }) => text))
        return "streaming";
    if (running.length)
        return "submitted";
    return error ? "error" : "ready";
}
