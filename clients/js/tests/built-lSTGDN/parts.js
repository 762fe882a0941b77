/** An answer's parts: those beside its text are put together like the text, and all of them are put in order. */
import { hasGap, merge, NOTHING } from "./answer.js";
import { beginningOf } from "./codepoints.js";
export const NO_PARTS = { received: [], misses: 0 };
/** What so many stored generations do not have is not expected any more: the server may not keep it. */
const MAX_MISSES = 5;
/** Add a piece of a part; the same parts if it adds nothing. */
export function mergePart(before, { index, kind, delta, offset, text_offset }) {
    const known = before.received.find((part) => part.index === index);
    const part = known ?? { index, kind, textOffset: text_offset, content: NOTHING, shown: null };
    const content = merge(part.content, { attempt: part.content.attempt, offset, delta });
    const { length, known: total } = part.content;
    if (part.kind !== kind || (known && content.length === length && content.known === total))
        return before;
    const others = before.received.filter((other) => other !== known);
    const shown = shownAs(index, kind, content.text);
    const received = [...others, { ...part, content, shown }];
    return { ...before, received: received.sort((one, other) => one.index - other.index) };
}
/** What was received of the part with this index. */
export function contentOf({ received }, index) {
    return received.find((part) => part.index === index)?.content ?? NOTHING;
}
/** A stored generation has this part without its text, so that no more of it will come from there. */
export function withoutText(before, { index, kind, text_offset }) {
    const part = { index, kind, delta: "", offset: 0, text_offset };
    const { received, ...rest } = mergePart(before, part);
    const settled = ({ content, ...other }) => ({
        ...other,
        content: { ...content, known: content.length },
    });
    return { ...rest, received: received.map((part) => (part.index === index ? settled(part) : part)) };
}
/** A stored generation was applied. */
export function afterSnapshot(parts) {
    return isBroken(parts.received) ? { ...parts, misses: parts.misses + 1 } : parts;
}
/** Nothing is missing, whatever it looks like. */
export function settled(parts) {
    return { ...parts, misses: MAX_MISSES };
}
/** Something exists on the server that did not arrive. */
export function isMissingPart({ received, misses }) {
    return misses < MAX_MISSES && isBroken(received);
}
function isBroken(received) {
    return received.some(({ content }, at) => hasGap(content) || isAfterMissing(received, at));
}
/** The text between two parts is a part, too; any other place that is left out is of a part that did not arrive. */
function isAfterMissing(received, at) {
    const { index, textOffset } = received[at];
    const { index: before, textOffset: from } = received[at - 1] ?? { index: -1, textOffset: 0 };
    return index - before > (textOffset > from ? 2 : 1);
}
/** The parts in their order, up to the first that does not join; and then the rest of the text. */
export function inOrder(text, parts) {
    const { received } = parts;
    const isMissing = isMissingPart(parts);
    const all = [];
    let rest = text;
    let told = 0;
    let index = 0;
    const addText = (more) => {
        if (more)
            all.push({ index, kind: "text", text: more });
        rest = rest.slice(more.length);
    };
    for (const [at, part] of received.entries()) {
        const before = beginningOf(rest, part.textOffset - told);
        if (before === null || (isMissing && isAfterMissing(received, at)))
            break;
        addText(before);
        if (part.shown)
            all.push(part.shown);
        told = Math.max(told, part.textOffset);
        index = part.index + 1;
        if (isMissing && hasGap(part.content))
            break;
    }
    addText(rest);
    return all;
}
function shownAs(index, kind, text) {
    if (kind === "reasoning")
        return text ? { index, kind, text } : null;
    const { url, title, snippet, name, value } = documentIn(text);
    if (kind === "source" && typeof url === "string")
        return { index, kind, url, title: stringOrNull(title), snippet: stringOrNull(snippet) };
    return kind === "data" && typeof name === "string" ? { index, kind, name, value } : null;
}
function documentIn(text) {
    try {
        return JSON.parse(text) ?? {};
    }
    catch {
        return {};
    }
}
function stringOrNull(value) {
    return typeof value === "string" ? value : null;
}
