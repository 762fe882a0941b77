/** Keeps what has not changed, so that a page renders only what has. */
/** The items, each replaced by the one before that is equal to it; the former array if nothing changed. */
export function reused(before, now) {
    const known = new Map(before.map((item) => [item.id, item]));
    const all = now.map((item) => {
        const former = known.get(item.id);
        return former && isSame(former, item) ? former : item;
    });
    return all.length === before.length && all.every((item, at) => item === before[at]) ? before : all;
}
function isSame(one, other) {
    if (Object.is(one, other))
        return true;
    if (typeof one !== "object" || typeof other !== "object" || !one || !other)
        return false;
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].every((key) => isSame(one[key], other[key]));
}
