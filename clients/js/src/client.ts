/** The front door: one socket for all of a user's answers, and the calls that start them. */

/// <reference lib="esnext.disposable" preserve="true" />

import { FATAL_CODES, TRY_LATER, NORMAL } from "./codes.ts";
import type { Phase } from "./connection.ts";
import { environment } from "./environment.ts";
import { FrameStreamError } from "./errors.ts";
import { CANCELLED, Generation } from "./generation.ts";
import { GenerationTracker, type TrackerHost } from "./generation-tracker.ts";
import { httpApi, type Http, type Prompt } from "./http.ts";
import { newId } from "./ids.ts";
import { Listeners, type Listener } from "./listeners.ts";
import { isAboutGeneration, type GenerationMessage, type Message } from "./messages.ts";
import { check, DEFAULTS, RECONNECT, type Settings } from "./options.ts";
import { ReconnectingSocket } from "./reconnecting-socket.ts";
import { retry, type RetryEnvironment } from "./retry.ts";
import { Tokens } from "./tokens.ts";

export interface ClientOptions extends Settings, Listener {}

export interface GenerateOptions {
  chatId: string;
  prompt: string;
  model?: string;
  /** The same key is the same generation, also after a reload; without one, each call is a new one. */
  idempotencyKey?: string;
  /** Aborting it cancels the generation; before the server accepted it, nothing is sent any more. */
  signal?: AbortSignal;
}

/** Milliseconds that a socket stays open after the last view that held it went away. */
const LINGER = 500;

/** Ended generations are remembered for a while, because the server may tell an end twice. */
const REMEMBERED = 100;

export class FrameStreamClient {
  readonly #http: Http;
  readonly #socket: ReconnectingSocket;
  readonly #environment: RetryEnvironment;
  readonly #trackerHost: TrackerHost;
  readonly #listeners = new Listeners();
  readonly #trackers = new Map<string, GenerationTracker>();
  /** Ends each prompt that is on its way. While there are some, nobody knows whether an unknown answer is of one. */
  readonly #submitting = new Set<(error: FrameStreamError) => void>();
  #unannounced: GenerationTracker[] = [];
  #closeCode: number | null = null;
  #isWanted = false;
  #holders = 0;
  /** Ends what the client repeats by itself. */
  #life = new AbortController();

  /** `using client = new FrameStreamClient(…)` closes it at the end of the block, where JavaScript knows that. */
  declare [Symbol.dispose]: () => void;

  static {
    if (Symbol.dispose) this.prototype[Symbol.dispose] = this.prototype.close;
  }

  constructor(options: ClientOptions) {
    check(options);
    const settings = { ...DEFAULTS, ...defined(options) };
    const { heartbeat, patience, stallTimeout, pollInterval, tokenTimeout, getToken, origin } = settings;
    const own = { ...(settings.WebSocket && { WebSocket: settings.WebSocket }), ...settings.environment };
    this.#environment = { ...RECONNECT, ...defined(settings.reconnect ?? {}), ...environment(own) };
    this.#http = httpApi(settings, new Tokens(getToken, tokenTimeout, this.#environment), this.#environment);
    this.#listeners.add(options);
    this.#socket = new ReconnectingSocket({
      environment: { ...this.#environment, isAnswering: () => this.#isAnswering },
      ...{ heartbeat, patience, origin },
      ticket: (options) => this.#http.ticket(options),
      onMessage: (message) => this.#onMessage(message),
      onPhase: (phase) => this.#onPhase(phase),
      onReport: (code, error) => this.#onReport(code, error),
    });
    this.#trackerHost = {
      http: this.#http,
      environment: this.#environment,
      ...{ stallTimeout, pollInterval },
      isConnected: () => this.#socket.phase === "open",
      notify: (update) => this.#notify(update),
      reportError: (error) => this.#listeners.reportError(error),
      probe: () => this.#socket.probe(),
    };
  }

  get phase(): Phase {
    return this.#socket.phase;
  }

  /** The close code with which a socket was refused or lost last; null while one is open. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** Open the socket, to hear of answers that others asked for; `generate` and `follow` do it by themselves. */
  connect(): void {
    this.#isWanted = true;
    this.#open();
  }

  /** Close the socket. Answers go on being written, and can be followed later. Closing twice does no harm. */
  close(): void {
    this.#isWanted = false;
    this.#socket.close();
    this.#life.abort();
    this.#life = new AbortController();
    for (const end of this.#submitting) end(closed());
    for (const tracker of this.#trackers.values()) tracker.fail(closed());
    this.#trackers.clear();
  }

  /**
   * Keep the socket open until the function that comes back is called. Once the last one was, and no answer is being
   * written any more, the socket is closed, unless `connect` opened it.
   */
  hold(): () => void {
    this.#holders++;
    this.#open();
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
    const trackers = [...this.#trackers.values()].filter((tracker) => tracker.chatId === chatId);
    return trackers.map((tracker) => this.#generation(tracker, chatId));
  }

  /** Hear of everything from now on; the function that comes back ends that. */
  listen(listener: Listener): () => void {
    return this.#listeners.add(listener);
  }

  /** Ask for an answer. While there is no network, the prompt waits; it is sent once there is one. */
  generate({ signal, idempotencyKey = newId(), ...prompt }: GenerateOptions): Generation {
    this.#open();
    const gone = new AbortController();
    const life = this.#life.signal;
    const accepted = this.#submit(prompt, idempotencyKey, gone.signal);
    let leave!: (error: FrameStreamError) => void;
    const left = new Promise<never>((_, reject) => (leave = reject));
    const end = (error: FrameStreamError) => {
      gone.abort();
      leave(error);
    };
    const tracker = Promise.race([this.#begun(accepted, prompt.chatId, end), left]);
    tracker.catch((error: FrameStreamError) => gone.signal.aborted || this.#listeners.reportError(error));
    const onCancel = () => {
      end(new FrameStreamError("The prompt was called back before it was accepted.", CANCELLED));
      // It may be accepted all the same, because it is on its way; then nobody waits for its answer.
      accepted.then((id) => this.#cancel(id, life)).catch(() => {});
    };
    return this.#cancelOn(signal, this.#generation(tracker, prompt.chatId, onCancel));
  }

  /** Take up an answer that was asked for before, by its id: after a reload, for example. */
  follow(
    generationId: string,
    { chatId = "", signal }: { chatId?: string; signal?: AbortSignal } = {},
  ): Generation {
    this.#open();
    const tracker = this.#tracker(generationId, chatId);
    void tracker.fetch();
    return this.#cancelOn(signal, this.#generation(tracker, chatId));
  }

  get #isNeeded(): boolean {
    return this.#isWanted || this.#holders > 0;
  }

  /** Close the socket after a while if it is not needed by then; a page may only be on its way to its next view. */
  #rest(): void {
    this.#environment.clock.after(LINGER, () => {
      if (this.#isNeeded) return;
      const running = [...this.#trackers.values()].find(({ hasEnded }) => !hasEnded);
      const rest = () => this.#rest();
      if (running) running.result.then(rest, rest);
      else if (this.#submitting.size) rest();
      else this.#socket.close();
    });
  }

  #open(): void {
    if (!this.#isAnswering) this.#listeners.expectAuthErrors();
    this.#socket.open();
  }

  async #submit(prompt: Prompt, key: string, signal: AbortSignal): Promise<string> {
    const submit = () => this.#http.submit(prompt, key, signal);
    return (await retry(submit, this.#environment, { signal })).generation_id;
  }

  async #begun(
    accepted: Promise<string>,
    chatId: string,
    end: (error: FrameStreamError) => void,
  ): Promise<GenerationTracker> {
    const life = this.#life.signal;
    this.#submitting.add(end);
    try {
      const id = await accepted;
      if (life.aborted) throw closed();
      // Its first messages may have come before the server's answer to the prompt did.
      const tracker = this.#tracker(id, chatId);
      this.#unannounced = this.#unannounced.filter((other) => other !== tracker);
      return tracker;
    } finally {
      this.#submitting.delete(end);
      if (!this.#submitting.size) this.#announce();
    }
  }

  #cancel(id: string, signal = this.#life.signal): Promise<unknown> {
    return retry(() => this.#http.cancel(id), this.#environment, { signal });
  }

  #generation(
    tracker: Promise<GenerationTracker> | GenerationTracker,
    chatId: string,
    onCancel?: () => void,
  ): Generation {
    return new Generation(tracker, chatId, (id) => this.#cancel(id), onCancel);
  }

  get #isAnswering(): boolean {
    return this.#submitting.size > 0 || [...this.#trackers.values()].some(({ hasEnded }) => !hasEnded);
  }

  #tracker(id: string, chatId: string): GenerationTracker {
    const known = this.#trackers.get(id);
    if (known) return known;
    const tracker = new GenerationTracker(this.#trackerHost, id, chatId);
    this.#trackers.set(id, tracker);
    for (const [old, { hasEnded }] of this.#trackers) {
      if (this.#trackers.size <= REMEMBERED) break;
      if (hasEnded) this.#trackers.delete(old);
    }
    return tracker;
  }

  #cancelOn(signal: AbortSignal | undefined, generation: Generation): Generation {
    const cancel = () =>
      void generation.cancel().catch((error: FrameStreamError) => this.#listeners.reportError(error));
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const done = () => signal?.removeEventListener("abort", cancel);
    generation.result.then(done, done);
    return generation;
  }

  #onMessage(message: Message): void {
    this.#listeners.each((listener) => listener.onMessage?.(message));
    if (!isAboutGeneration(message)) return;
    const isNew = !this.#trackers.has(message.generation_id);
    const tracker = this.#tracker(message.generation_id, message.chat_id);
    if (isNew) this.#unannounced.push(tracker);
    if (!this.#submitting.size) this.#announce();
    tracker.receive(message);
  }

  #announce(): void {
    const trackers = this.#unannounced;
    this.#unannounced = [];
    for (const tracker of trackers) {
      this.#listeners.each((listener) => listener.onGeneration?.(this.#generation(tracker, tracker.chatId)));
    }
  }

  #notify(update: GenerationMessage): void {
    if (update.type === "llm_frame") this.#socket.markStable();
    this.#listeners.notify(update);
  }

  /** A new socket tells unfinished answers by itself, but not those that ended meanwhile. */
  #onPhase(phase: Phase): void {
    if (phase === "open") this.#closeCode = null;
    for (const tracker of this.#trackers.values()) {
      if (phase === "open" || phase === "connecting") void tracker.fetch();
      else tracker.awaitMessage();
    }
    this.#listeners.each((listener) => listener.onPhase?.(phase));
  }

  /** Close codes are numbers; a word of the HTTP API is told as the number that comes nearest. */
  #onReport(reported: number | string, error: FrameStreamError): void {
    const code = typeof reported === "number" ? reported : TRY_LATER;
    this.#closeCode = code;
    const willReconnect = this.#socket.phase !== "closed" && !FATAL_CODES.includes(reported);
    this.#listeners.each((listener) => listener.onClose?.({ code, reason: error.message, willReconnect }));
    if (!willReconnect && code !== NORMAL) this.#listeners.reportError(error);
  }
}

function closed(): FrameStreamError {
  return new FrameStreamError("The client was closed.", "not_connected", true);
}

/** Without what is given as undefined, so that it does not hide a default. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
