/** The messages of the server on a socket: parsing, and which are about a generation. Their types are generated. */
import { GENERATION_TYPES, } from "./wire.js";
/** Parse a text frame; null for one that is no message, such as those of the gateway itself. Its type may be unknown. */
export function messageFrom(data) {
    if (typeof data !== "string")
        return null;
    try {
        const message = JSON.parse(data);
        return typeof message?.type === "string" ? message : null;
    }
    catch {
        return null;
    }
}
export function isAboutGeneration(message) {
    return (GENERATION_TYPES.includes(message.type) &&
        typeof message.generation_id === "string");
}
