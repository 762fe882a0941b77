/** An answer as events, for protocols whose streams only go on: a part begins, grows and ends. */
/** The events of an answer from its start; throws if it fails, after the end of the last part. */
export async function* partEvents(generation) {
    let told = [];
    let attempt = 0;
    try {
        for await (const step of generation.steps()) {
            if (told.length && (step.attempt !== attempt || !continues(told, step.parts))) {
                yield* ending(told);
                yield { type: "void", attempt: step.attempt };
                told = [];
            }
            attempt = step.attempt;
            yield* growth(told, step.parts);
            told = step.parts;
        }
    }
    catch (error) {
        yield* ending(told);
        throw error;
    }
    yield* ending(told);
}
function continues(told, parts) {
    const last = told.length - 1;
    return told.every((before, at) => {
        const part = parts[at];
        if (part?.index !== before.index || part.kind !== before.kind)
            return false;
        if (!isTextual(part) || !isTextual(before))
            return true;
        return at === last ? part.text.startsWith(before.text) : part.text === before.text;
    });
}
function* growth(told, parts) {
    for (const [at, part] of parts.entries()) {
        const before = told[at];
        if (at < told.length - 1)
            continue;
        if (!isTextual(part)) {
            if (!before)
                yield { type: "whole", part };
            continue;
        }
        if (!before)
            yield { type: "begin", part };
        const delta = part.text.slice(before && isTextual(before) ? before.text.length : 0);
        if (delta)
            yield { type: "delta", part, delta };
        if (at < parts.length - 1)
            yield { type: "end", part };
    }
}
/** The last part was open. */
function* ending(told) {
    const last = told.at(-1);
    if (last && isTextual(last))
        yield { type: "end", part: last };
}
function isTextual(part) {
    return part.kind === "text" || part.kind === "reasoning";
}
