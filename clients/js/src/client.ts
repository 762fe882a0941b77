/** The front door: one socket for all of a user's answers, and the calls that start them. */

import type { Phase, Reconnect } from "./connection.ts";
import { environment, type Environment } from "./environment.ts";
import { FrameStreamError, isAuthError } from "./errors.ts";
import { Generation } from "./generation.ts";
import { httpApi, type Http, type HttpOptions } from "./http.ts";
import { Lifeline } from "./lifeline.ts";
import type { FinalResponse, Frame, GenerationMessage, Message, Status } from "./messages.ts";
import { patiently } from "./patience.ts";
import { Story, type Home } from "./story.ts";

/** What an application may want to hear. Each is told about every answer of the user, also of other tabs. */
export interface Listener {
  onStatusUpdate?(status: Status, message: string, about: GenerationMessage): void;
  /** A frame with text holds only text that was not told before; with a higher `about.attempt` all text starts again. */
  onFrameUpdate?(frame: Frame, about: GenerationMessage): void;
  onFinalResponse?(data: FinalResponse, about: GenerationMessage): void;
  onError?(error: FrameStreamError, about?: GenerationMessage): void;
  /** The user has to sign in again. */
  onAuthError?(): void;
  /** A socket closed, or was refused: `code` is the close code, also where a browser would not be told. */
  onClose?(close: { code: number; reason: string; willReconnect: boolean }): void;
  onPhase?(phase: Phase): void;
  /** An answer that this client did not ask for: of another tab, or from before a reload. */
  onGeneration?(generation: Generation): void;
  /** Every message, before anything is made of it; for debugging. */
  onMessage?(message: Message): void;
}

export interface ClientOptions extends HttpOptions, Listener {
  reconnect?: Partial<Reconnect>;
  /** Milliseconds; see `LifelineOptions` and `Home`. */
  heartbeat?: number;
  patience?: number;
  stallTimeout?: number;
  /** Stands in for the browser in tests, or brings a WebSocket where there is none. */
  environment?: Partial<Environment>;
}

export interface Wish {
  chatId: string;
  prompt: string;
  model?: string;
  /** The same key is the same generation, also after a reload; without one, each call is a new one. */
  idempotencyKey?: string;
  /** Aborting it cancels the generation. */
  signal?: AbortSignal;
}

const RECONNECT: Reconnect = { attempts: 5, base: 1_000, cap: 30_000, pauseWhenFull: 15_000 };

/** Milliseconds that a socket stays open after the last view that held it went away. */
const LINGER = 500;

/** Ended generations are remembered for a while, because the server may tell an end twice. */
const REMEMBERED = 100;

export class FrameStreamClient {
  readonly #http: Http;
  readonly #lifeline: Lifeline;
  readonly #environment: Environment;
  readonly #home: Home;
  readonly #listeners = new Set<Listener>();
  readonly #stories = new Map<string, Story>();
  /** While a prompt is on its way, nobody knows yet whether an unknown answer is its own. */
  #submitting = 0;
  #unannounced: Story[] = [];
  #closeCode: number | null = null;
  #isWanted = false;
  #holders = 0;

  constructor(options: ClientOptions) {
    this.#environment = environment(options.environment);
    this.#http = httpApi(options, this.#environment);
    this.#listeners.add(options);
    this.#lifeline = new Lifeline({
      environment: { ...RECONNECT, ...options.reconnect, ...this.#environment },
      heartbeat: options.heartbeat ?? 55_000,
      patience: options.patience ?? 10_000,
      ticket: (wish) => this.#http.ticket(wish),
      onMessage: (message) => this.#hear(message),
      onPhase: (phase) => this.#moved(phase),
      onReport: (code, reason) => this.#report(code, reason),
    });
    this.#home = {
      http: this.#http,
      environment: this.#environment,
      stallTimeout: options.stallTimeout ?? 10_000,
      tell: (news) => this.#tell(news),
      suspect: () => this.#lifeline.probe(),
      isOver: () => this.#lifeline.phase === "closed",
    };
  }

  get phase(): Phase {
    return this.#lifeline.phase;
  }

  /** The close code with which a socket was refused or lost last; null while one is open. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** Open the socket, to hear of answers that others asked for; `generate` and `follow` do it by themselves. */
  connect(): void {
    this.#isWanted = true;
    this.#lifeline.open();
  }

  /** Close the socket. Answers go on being written, and can be followed later. */
  close(): void {
    this.#isWanted = false;
    this.#lifeline.close();
    const error = new FrameStreamError("The client was closed.", "not_connected", true);
    for (const story of this.#stories.values()) story.fail(error);
    this.#stories.clear();
  }

  /**
   * Keep the socket open until the function that comes back is called. Once the last one was, and no answer is being
   * written any more, the socket is closed, unless `connect` opened it.
   */
  hold(): () => void {
    this.#holders++;
    this.#lifeline.open();
    let isHeld = true;
    return () => {
      if (isHeld) this.#holders--;
      isHeld = false;
      this.#rest();
    };
  }

  /** Close the socket if nothing holds it: another client takes this one's place. */
  retire(): void {
    if (!this.#isNeeded) this.close();
  }

  /** The answers of a chat that this client asked for, took up or heard of, ended ones among them. */
  generations(chatId: string): Generation[] {
    const stories = [...this.#stories.values()].filter((story) => story.chatId === chatId);
    return stories.map((story) => this.#generation(story, chatId));
  }

  /** Hear of everything from now on; the function that comes back ends that. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Ask for an answer. */
  generate({ signal, ...wish }: Wish): Generation {
    this.#lifeline.open();
    const story = this.#submit(wish);
    story.catch((error: FrameStreamError) => this.#complain(error));
    return this.#cancelOn(signal, this.#generation(story, wish.chatId));
  }

  /** Take up an answer that was asked for before, by its id: after a reload, for example. */
  follow(
    generationId: string,
    { chatId = "", signal }: { chatId?: string; signal?: AbortSignal } = {},
  ): Generation {
    this.#lifeline.open();
    const story = this.#story(generationId, chatId);
    void story.fetch();
    return this.#cancelOn(signal, this.#generation(story, chatId));
  }

  get #isNeeded(): boolean {
    return this.#isWanted || this.#holders > 0;
  }

  /** Close the socket after a while if it is not needed by then; a page may only be on its way to its next view. */
  #rest(): void {
    this.#environment.clock.after(LINGER, () => {
      if (this.#isNeeded) return;
      const running = [...this.#stories.values()].find(({ hasEnded }) => !hasEnded);
      const rest = () => this.#rest();
      if (running) running.result.then(rest, rest);
      else if (this.#submitting) rest();
      else this.#lifeline.close();
    });
  }

  async #submit({ idempotencyKey = crypto.randomUUID(), ...prompt }: Omit<Wish, "signal">): Promise<Story> {
    this.#submitting++;
    try {
      const { generation_id } = await patiently(
        () => this.#http.submit(prompt, idempotencyKey),
        this.#environment,
      );
      // Its first messages may have come before the server's answer to the prompt did.
      const story = this.#story(generation_id, prompt.chatId);
      this.#unannounced = this.#unannounced.filter((other) => other !== story);
      return story;
    } finally {
      if (--this.#submitting === 0) this.#announce();
    }
  }

  #generation(story: Promise<Story> | Story, chatId: string): Generation {
    return new Generation(story, chatId, (id) => patiently(() => this.#http.cancel(id), this.#environment));
  }

  #story(id: string, chatId: string): Story {
    const known = this.#stories.get(id);
    if (known) return known;
    const story = new Story(this.#home, id, chatId);
    this.#stories.set(id, story);
    for (const [old, { hasEnded }] of this.#stories) {
      if (this.#stories.size <= REMEMBERED) break;
      if (hasEnded) this.#stories.delete(old);
    }
    return story;
  }

  #cancelOn(signal: AbortSignal | undefined, generation: Generation): Generation {
    const cancel = () => void generation.cancel().catch((error: FrameStreamError) => this.#complain(error));
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const done = () => signal?.removeEventListener("abort", cancel);
    generation.result.then(done, done);
    return generation;
  }

  #hear(message: Message): void {
    this.#each((listener) => listener.onMessage?.(message));
    if (!("generation_id" in message)) return;
    const isNew = !this.#stories.has(message.generation_id);
    const story = this.#story(message.generation_id, message.chat_id);
    if (isNew) this.#unannounced.push(story);
    if (this.#submitting === 0) this.#announce();
    story.take(message);
  }

  #announce(): void {
    const stories = this.#unannounced;
    this.#unannounced = [];
    for (const story of stories) {
      this.#each((listener) => listener.onGeneration?.(this.#generation(story, story.chatId)));
    }
  }

  #tell(news: GenerationMessage): void {
    if (news.type === "llm_frame") this.#lifeline.prove();
    this.#each((listener) => {
      if (news.type === "llm_status") listener.onStatusUpdate?.(news.status, news.message, news);
      else if (news.type === "llm_frame") listener.onFrameUpdate?.(news.frame, news);
      else if (news.type === "llm_response") listener.onFinalResponse?.(news.data, news);
      else listener.onError?.(new FrameStreamError(news.error, news.code, news.retryable), news);
    });
  }

  /** A new socket tells unfinished answers by itself, but not those that ended meanwhile. */
  #moved(phase: Phase): void {
    if (phase === "open") this.#closeCode = null;
    if (phase === "open") for (const story of this.#stories.values()) void story.fetch();
    this.#each((listener) => listener.onPhase?.(phase));
  }

  #report(code: number, reason: string): void {
    const willReconnect = this.#lifeline.phase !== "closed";
    this.#closeCode = code;
    this.#each((listener) => listener.onClose?.({ code, reason, willReconnect }));
    if (!willReconnect && code !== 1000) this.#complain(new FrameStreamError(reason, code));
  }

  #complain(error: FrameStreamError): void {
    this.#each((listener) => listener.onError?.(error));
    if (isAuthError(error.code)) this.#each((listener) => listener.onAuthError?.());
  }

  /** A listener's own fault must not keep the others from hearing, nor end the connection. */
  #each(tell: (listener: Listener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        tell(listener);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
