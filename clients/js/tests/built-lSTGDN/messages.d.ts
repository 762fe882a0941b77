/** The messages of the server on a socket: parsing, and which are about a generation. Their types are generated. */
import { type GenerateRequest, type GenerationMessage, type LlmFrame, type LlmStatus, type Message } from "./wire.ts";
export type * from "./wire.ts";
export type Status = LlmStatus["status"];
export type Frame = LlmFrame["frame"];
/** The form in which an answer is wanted. */
export type ResponseFormat = NonNullable<GenerateRequest["response_format"]>;
/** Parse a text frame; null for one that is no message, such as those of the gateway itself. Its type may be unknown. */
export declare function messageFrom(data: unknown): Message | null;
export declare function isAboutGeneration(message: Message): message is GenerationMessage;
