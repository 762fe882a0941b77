/** Names that nothing else has. */
/** `crypto.randomUUID` is there only on https and localhost; random numbers are there on http, too. */
export function newId() {
    const { crypto } = globalThis;
    if (crypto?.randomUUID)
        return crypto.randomUUID();
    const bytes = new Uint8Array(16);
    if (crypto?.getRandomValues)
        crypto.getRandomValues(bytes);
    else
        bytes.forEach((_, at) => (bytes[at] = Math.random() * 256));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
