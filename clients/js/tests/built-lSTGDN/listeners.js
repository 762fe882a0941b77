/** The application's callbacks, and calling all of them. */
import { FrameStreamError, isAuthError } from "./errors.js";
export class Listeners {
    #all = new Set();
    #isAuthErrorReported = false;
    add(listener) {
        this.#all.add(listener);
        return () => void this.#all.delete(listener);
    }
    notify(message) {
        this.each((listener) => {
            if (message.type === "llm_status")
                return listener.onStatusUpdate?.(message.status, message.message, message);
            if (message.type === "llm_frame")
                return listener.onFrameUpdate?.(message.frame, message);
            if (message.type === "llm_part")
                return listener.onPartUpdate?.(message.part, message);
            if (message.type === "llm_response")
                return listener.onFinalResponse?.(message.data, message);
            return listener.onError?.(new FrameStreamError(message.error, message.code, message.retryable), message);
        });
    }
    reportError(error) {
        this.each((listener) => listener.onError?.(error));
        if (!isAuthError(error.code) || this.#isAuthErrorReported)
            return;
        this.#isAuthErrorReported = true;
        this.each((listener) => listener.onAuthError?.());
    }
    /** A new request begins: if the credential is refused again, `onAuthError` is called again. */
    resetAuthErrors() {
        this.#isAuthErrorReported = false;
    }
    /** A failing listener must not affect the other listeners, the connection or the process. */
    each(call) {
        for (const listener of [...this.#all]) {
            try {
                const returned = call(listener);
                if (returned instanceof Promise)
                    returned.catch(reportUncaught);
            }
            catch (error) {
                reportUncaught(error);
            }
        }
    }
}
/** Hand an error to the page's handlers; elsewhere an uncaught error would end the process, so log it. */
function reportUncaught(error) {
    if (typeof document === "object" && typeof reportError === "function")
        reportError(error);
    else
        console.error(error);
}
