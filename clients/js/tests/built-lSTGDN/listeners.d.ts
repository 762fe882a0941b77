/** The application's callbacks, and calling all of them. */
import type { Phase } from "./connection.ts";
import { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { ChatEvent, Frame, GenerationMessage, Message, PartDelta, ResponseData, Status } from "./messages.ts";
/** Callbacks of the application. Each is called for every answer of the user, also those of other tabs. */
export interface Listener {
    onStatusUpdate?(status: Status, message: string, about: GenerationMessage): void;
    /** `frame.delta` is text that no earlier frame had; with a higher `about.attempt` the text starts again. */
    onFrameUpdate?(frame: Frame, about: GenerationMessage): void;
    /** `part.delta` is what no earlier message had of this part: of reasoning, a source, data. */
    onPartUpdate?(part: PartDelta, about: GenerationMessage): void;
    onFinalResponse?(data: ResponseData, about: GenerationMessage): void;
    onError?(error: FrameStreamError, about?: GenerationMessage): void;
    /** The user has to sign in again; called once, and again only after another request. */
    onAuthError?(): void;
    /** A socket closed or was refused: `code` is the close code, also where a browser hides it. */
    onClose?(close: {
        code: number;
        reason: string;
        willReconnect: boolean;
    }): void;
    /** `offline` while the page reports that there is no network; answers and prompts wait meanwhile. */
    onPhase?(phase: Phase): void;
    /** An answer that this client did not request: of another tab, or from before a reload. */
    onGeneration?(generation: Generation): void;
    /** A chat changed, here or elsewhere: a question, a title, its queue. Messages may be late, missing or repeated. */
    onChatChange?(event: ChatEvent): void;
    /** Every message as it arrives, also of types that this version does not know. */
    onMessage?(message: Message): void;
}
export declare class Listeners {
    #private;
    add(listener: Listener): () => void;
    notify(message: GenerationMessage): void;
    reportError(error: FrameStreamError): void;
    /** A new request begins: if the credential is refused again, `onAuthError` is called again. */
    resetAuthErrors(): void;
    /** A failing listener must not affect the other listeners, the connection or the process. */
    each(call: (listener: Listener) => void): void;
}
