/** The application's callbacks: who wants to hear, and telling all of them. */

import type { Phase } from "./connection.ts";
import { FrameStreamError, isAuthError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { FinalResponse, Frame, GenerationMessage, Message, Status } from "./messages.ts";

/** What an application may want to hear. Each is told about every answer of the user, also of other tabs. */
export interface Listener {
  onStatusUpdate?(status: Status, message: string, about: GenerationMessage): void;
  /** A frame with text holds only text that was not told before; with a higher `about.attempt` all text starts again. */
  onFrameUpdate?(frame: Frame, about: GenerationMessage): void;
  onFinalResponse?(data: FinalResponse, about: GenerationMessage): void;
  onError?(error: FrameStreamError, about?: GenerationMessage): void;
  /** The user has to sign in again; told once, and again only after another try. */
  onAuthError?(): void;
  /** A socket closed, or was refused: `code` is the close code, also where a browser would not be told. */
  onClose?(close: { code: number; reason: string; willReconnect: boolean }): void;
  /** `offline` while the page says that there is no network; answers and prompts wait meanwhile. */
  onPhase?(phase: Phase): void;
  /** An answer that this client did not ask for: of another tab, or from before a reload. */
  onGeneration?(generation: Generation): void;
  /** Every message, before anything is made of it, also of types that this version does not know. */
  onMessage?(message: Message): void;
}

export class Listeners {
  readonly #all = new Set<Listener>();
  #isAuthErrorTold = false;

  add(listener: Listener): () => void {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  tell(news: GenerationMessage): void {
    this.each((listener) => {
      if (news.type === "llm_status") return listener.onStatusUpdate?.(news.status, news.message, news);
      if (news.type === "llm_frame") return listener.onFrameUpdate?.(news.frame, news);
      if (news.type === "llm_response") return listener.onFinalResponse?.(news.data, news);
      return listener.onError?.(new FrameStreamError(news.error, news.code, news.retryable), news);
    });
  }

  complain(error: FrameStreamError): void {
    this.each((listener) => listener.onError?.(error));
    if (!isAuthError(error.code) || this.#isAuthErrorTold) return;
    this.#isAuthErrorTold = true;
    this.each((listener) => listener.onAuthError?.());
  }

  /** Something is tried anew, so if the credential is refused again, that is news. */
  mindAuthErrors(): void {
    this.#isAuthErrorTold = false;
  }

  /** A listener's own fault must not keep the others from hearing, nor end the connection or the process. */
  each(tell: (listener: Listener) => void): void {
    for (const listener of [...this.#all]) {
      try {
        const told = tell(listener) as unknown;
        if (told instanceof Promise) told.catch(reported);
      } catch (error) {
        reported(error);
      }
    }
  }
}

/** A page's own handlers of errors hear of it; elsewhere it would end the process, so it is only written down. */
function reported(error: unknown): void {
  if (typeof document === "object" && typeof reportError === "function") reportError(error);
  else console.error(error);
}
