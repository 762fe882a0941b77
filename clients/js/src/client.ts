/** The client: one socket for all answers of a user, and the calls that request, follow and cancel them. */

/// <reference lib="esnext.disposable" preserve="true" />

import { attach, type AttachOptions } from "./attach.ts";
import { Chats } from "./chats.ts";
import type { Phase } from "./connection.ts";
import { Dispatcher } from "./dispatcher.ts";
import { environment } from "./environment.ts";
import { FrameStreamError } from "./errors.ts";
import { Generation, type Submission } from "./generation.ts";
import type { GenerationTracker } from "./generation-tracker.ts";
import { Holds } from "./holds.ts";
import { httpApi, type Http } from "./http.ts";
import { newId } from "./ids.ts";
import type { Listener } from "./listeners.ts";
import {
  check,
  DEFAULTS,
  defined,
  RECONNECT,
  type ClientOptions,
  type FollowOptions,
  type GenerateOptions,
  type RegenerateOptions,
} from "./options.ts";
import { inOrder, type AnswerPart } from "./parts.ts";
import { catchUp, START } from "./progress.ts";
import { retry, type RetryEnvironment } from "./retry.ts";
import { submit } from "./submission.ts";
import { Tokens } from "./tokens.ts";
import type { Accepted, AttachmentShown, Models } from "./wire.ts";

export class FrameStreamClient {
  /** The user's chats: list, messages, titles, waiting prompts, usage. */
  readonly chats: Chats;
  readonly #http: Http;
  readonly #dispatcher: Dispatcher;
  readonly #holds: Holds;
  /** @internal */
  readonly environment: RetryEnvironment;
  /** Aborted by `close`, which ends all retries. */
  #session = new AbortController();

  /** `using client = new FrameStreamClient(…)` closes it at the end of the block, where JavaScript supports that. */
  declare [Symbol.dispose]: () => void;

  static {
    if (Symbol.dispose) this.prototype[Symbol.dispose] = this.prototype.close;
  }

  constructor(options: ClientOptions) {
    check(options);
    const settings = { ...DEFAULTS, ...defined(options) };
    const { tokenTimeout, getToken } = settings;
    const own = { ...(settings.WebSocket && { WebSocket: settings.WebSocket }), ...settings.environment };
    this.environment = { ...RECONNECT, ...defined(settings.reconnect ?? {}), ...environment(own) };
    this.#http = httpApi(settings, new Tokens(getToken, tokenTimeout, this.environment), this.environment);
    this.chats = new Chats(this.#http, this.environment, () => this.#session.signal);
    this.#dispatcher = new Dispatcher({
      ...{ http: this.#http, environment: this.environment, settings },
      shown: (tracker) => this.#generation(tracker, tracker.chatId),
    });
    const { generations, listeners, socket } = this.#dispatcher;
    listeners.add(options);
    this.#holds = new Holds(this.environment.clock, generations, () => socket.close());
  }

  get phase(): Phase {
    return this.#dispatcher.socket.phase;
  }

  /** The close code of the last lost or refused socket; null while one is open. */
  get closeCode(): number | null {
    return this.#dispatcher.closeCode;
  }

  /** Open the socket, to receive answers that were requested elsewhere. `generate` and `follow` open it by themselves. */
  connect(): void {
    this.#holds.isWanted = true;
    this.#open();
  }

  /** Close the socket. The server goes on writing answers, and they can be followed later. Closing twice is harmless. */
  close(): void {
    this.#holds.isWanted = false;
    this.#dispatcher.socket.close();
    this.#session.abort();
    this.#session = new AbortController();
    this.#dispatcher.generations.failAll(
      new FrameStreamError("The client was closed.", "not_connected", true),
    );
  }

  /**
   * Keep the socket open until the returned function is called. After the last such call the socket is closed as soon
   * as no answer is being written, unless `connect` opened it.
   */
  hold(): () => void {
    const release = this.#holds.add();
    this.#open();
    return release;
  }

  /** Close the socket if nothing holds it: another client replaces this one. */
  retire(): void {
    if (!this.#holds.isNeeded) this.close();
  }

  /** The answers of a chat that this client requested, followed or received, including ended ones. */
  generations(chatId: string): Generation[] {
    return this.#dispatcher.generations.ofChat(chatId).map((tracker) => this.#generation(tracker, chatId));
  }

  /** Call these callbacks from now on, until the returned function is called. */
  listen(listener: Listener): () => void {
    return this.#dispatcher.listeners.add(listener);
  }

  /** Request an answer. Without a network, the prompt waits and is sent once there is one. */
  generate({ signal, idempotencyKey = newId(), ...prompt }: GenerateOptions): Generation {
    const send = (sending: AbortSignal) => this.#http.submit(prompt, idempotencyKey, sending);
    return this.#submit(send, prompt.chatId, signal);
  }

  /** Request another answer to the same question. The earlier one stays beside it. */
  regenerate(
    generationId: string,
    { signal, idempotencyKey = newId(), chatId = "", ...options }: RegenerateOptions = {},
  ): Generation {
    const send = (sending: AbortSignal) =>
      this.#http.regenerate(generationId, options, idempotencyKey, sending);
    return this.#submit(send, chatId, signal);
  }

  /** Follow an answer that was requested before, by its id: after a reload, for example. */
  follow(generationId: string, { chatId = "", signal, isNew = false }: FollowOptions = {}): Generation {
    this.#open();
    const tracker = this.#dispatcher.generations.tracker(generationId, chatId);
    if (!isNew) void tracker.fetch();
    return this.#cancelOn(signal, this.#generation(tracker, chatId));
  }

  /** The models that a prompt may name. */
  models(): Promise<Models> {
    return this.#retry(() => this.#http.call<Models>("GET", "models", "models"));
  }

  /**
   * Upload an image or a file of a chat, which need not exist yet; its id is for `attachments` of prompts. It is tried
   * again while its failure may pass.
   */
  attach(chatId: string, file: Blob, options: AttachOptions = {}): Promise<string> {
    return attach(this.#http, this.environment, this.#session.signal, chatId, file, options);
  }

  /** What an attachment of a chat is, and an address to show it with, good for `expires_in` seconds. */
  attachment(chatId: string, id: string): Promise<AttachmentShown> {
    const path = `chats/${encodeURIComponent(chatId)}/attachments/${encodeURIComponent(id)}`;
    return this.#retry(() => this.#http.call<AttachmentShown>("GET", path, "url"));
  }

  /** The stored parts of an answer: a message of a chat says whether there are any beside the text. */
  async parts(generationId: string): Promise<readonly AnswerPart[]> {
    const read = () => this.#http.read(generationId, { offset: 0, attempt: 0 });
    const [{ answer, parts }] = catchUp(START, await this.#retry(read));
    return inOrder(answer.text, parts);
  }

  #submit(
    send: (signal: AbortSignal) => Promise<Accepted>,
    chatId: string,
    signal: AbortSignal | undefined,
  ): Generation {
    this.#open();
    const { generations, listeners } = this.#dispatcher;
    const host = {
      ...{ environment: this.environment, generations, session: this.#session.signal },
      cancel: (id: string, session: AbortSignal) => this.#cancel(id, session),
      reportError: (error: FrameStreamError) => listeners.reportError(error),
    };
    const submission = submit(host, send, chatId);
    return this.#cancelOn(signal, this.#generation(submission.tracker, chatId, submission));
  }

  #open(): void {
    if (!this.#dispatcher.generations.isAnswering) this.#dispatcher.listeners.resetAuthErrors();
    this.#dispatcher.socket.open();
  }

  #cancel(id: string, signal = this.#session.signal): Promise<unknown> {
    return this.#retry(() => this.#http.cancel(id), signal);
  }

  #retry<T>(call: () => Promise<T>, signal = this.#session.signal): Promise<T> {
    return retry(call, this.environment, { signal });
  }

  #generation(
    tracker: Promise<GenerationTracker> | GenerationTracker,
    chatId: string,
    submission?: Submission,
  ): Generation {
    return new Generation(tracker, chatId, (id) => this.#cancel(id), submission);
  }

  #cancelOn(signal: AbortSignal | undefined, generation: Generation): Generation {
    const cancel = () =>
      void generation
        .cancel()
        .catch((error: FrameStreamError) => this.#dispatcher.listeners.reportError(error));
    if (signal?.aborted) cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    const done = () => signal?.removeEventListener("abort", cancel);
    generation.result.then(done, done);
    return generation;
  }
}
