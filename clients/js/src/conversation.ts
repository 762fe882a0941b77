/** One chat, as a page shows it: a store that changes with what is asked and answered, here and elsewhere. */

import { canRegenerate, type ChatMessage } from "./chat-messages.ts";
import type { FrameStreamClient } from "./client.ts";
import { Answers } from "./conversation-answers.ts";
import { adopt, followPath, followUnfinished, type Parts } from "./conversation-following.ts";
import { Prompts } from "./conversation-prompts.ts";
import { chatRequests } from "./conversation-requests.ts";
import {
  type ConversationOptions,
  type ConversationState,
  type Preferences,
  type SendOptions,
} from "./conversation-state.ts";
import { ConversationStore } from "./conversation-store.ts";
import { ConversationThread } from "./conversation-thread.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { Enclosed } from "./http.ts";
import { newId } from "./ids.ts";
import type { Submission } from "./conversation-submissions.ts";

export class Conversation {
  #members = 0;
  #leave: (() => void) | null = null;
  #preferences: Preferences;
  readonly #hasUsage: boolean;
  readonly #thread: ConversationThread;
  readonly #answers: Answers;
  readonly #prompts: Prompts;
  readonly #parts: Parts;
  readonly #client: FrameStreamClient;
  readonly #store: ConversationStore;

  constructor(client: FrameStreamClient, options: ConversationOptions) {
    const { chatId, messages, usage = false, ...preferences } = options;
    this.#client = client;
    this.#preferences = preferences;
    this.#hasUsage = usage;
    this.#thread = new ConversationThread({
      ...{ client, chatId },
      onChange: (before) => this.#onThread(before),
      onError: (error) => this.#setError(error),
      onAsk: () => this.#refreshUsage(),
    });
    this.#answers = new Answers({
      ...{ client, chatId },
      isSmooth: () => this.#preferences.smooth !== false,
      onChange: () => this.#store.update(),
      onEnd: (id, generation, error) => this.#onEnd(id, generation, error),
    });
    this.#prompts = new Prompts(
      {
        ...{ client, chatId, received: this.#answers.received },
        thread: () => this.#thread.current,
        branches: () => this.#thread.branches,
        show: (id, generation) => void this.#answers.show(id, generation),
        onAccepted: (change) => {
          this.#thread.take(change);
          this.#onThread();
        },
        onStale: (generationId) => this.#onStale(generationId),
        onChange: () => this.#onThread(),
      },
      messages,
    );
    const parts = { client, thread: this.#thread, answers: this.#answers, prompts: this.#prompts };
    this.#parts = { ...parts, chatId, missed: new Set() };
    const { queue, rename, remove } = chatRequests(client, chatId, (version) => this.#thread.expect(version));
    this.rename = rename;
    this.remove = remove;
    this.#store = new ConversationStore({ ...parts, queue });
    this.subscribe = this.#store.subscribe;
    this.state = this.#store.state;
  }

  readonly subscribe: (subscriber: () => void) => () => void;

  readonly state: () => ConversationState;

  /** No component shows it, and no answer of it is being written. */
  get isIdle(): boolean {
    return this.#members === 0 && this.#answers.isIdle;
  }

  /**
   * Show the conversation: the socket stays open until the returned function is called. The conversation receives
   * messages of its chat from the first call on until `end`, shown or not.
   */
  join(stored: readonly ChatMessage[] = []): () => void {
    const isFirst = this.#leave === null;
    this.#leave ??= this.#listen();
    this.#members++;
    const release = this.#client.hold();
    this.#prompts.restore(stored);
    this.#thread.watch(true);
    if (isFirst) this.#thread.load();
    this.#followUnfinished();
    this.#onThread();
    let isMember = true;
    return () => {
      if (isMember && --this.#members === 0) this.#thread.watch(false);
      isMember = false;
      release();
    };
  }

  /** Receive no more messages. */
  end(): void {
    this.#leave?.();
    this.#leave = null;
    this.#thread.stop();
  }

  /** Set the preferences for the next prompts. */
  setPreferences(preferences: Preferences): void {
    this.#preferences = preferences;
  }

  /** Ask, after the last message of the path that is shown. */
  readonly send = (prompt: string, options: SendOptions = {}): void => {
    // After what is on its way, or being made, comes what ends last.
    const parentId = this.#prompts.isUnderWay ? undefined : this.#thread.lastAnswer;
    this.#ask(prompt, { parentId }, options);
  };

  /**
   * Ask in the place of a question, with its attachments unless others are given. The former one, and what follows it,
   * stays beside it.
   */
  readonly edit = (messageId: string, prompt: string, enclosed: Enclosed = {}): void => {
    const question = this.#thread.current.messages.get(this.#prompts.ids.recorded(messageId));
    if (question?.role !== "user") return this.send(prompt, enclosed);
    const { parent_id: cut } = question;
    const shown = this.state().messages.find(
      ({ id, messageId: known }) => messageId === id || messageId === known,
    );
    const attachments = shown?.attachments;
    this.#ask(prompt, { parentId: cut ?? "root", cut }, { attachments, ...enclosed });
  };

  /** Cancel all running answers of this conversation. If prompts wait, they wait until the queue is resumed. */
  readonly stop = (): void => {
    // By the ids of their messages here: the chat may tell of a prompt before its own request is answered.
    const waiting = this.#thread.current.queue.waiting.map((each) =>
      this.#prompts.ids.shown(each.generation_id),
    );
    this.#answers.stop((id) => waiting.includes(id));
  };

  /** Ask again for an answer (the last one, if no id is given), which stays beside the new one. See `canRegenerate`. */
  readonly regenerate = (id?: string): void => {
    const { messages } = this.state();
    const old =
      id === undefined ? messages.at(-1) : messages.find((each) => each.id === id || each.messageId === id);
    if (!old || !canRegenerate(old)) return;
    this.#store.error = null;
    const recorded = this.#thread.current.messages.get(this.#prompts.ids.recorded(old.id));
    if (!recorded) {
      this.#answers.forget(old.id);
      return this.#prompts.again(old, this.#preferred());
    }
    const { message_id: regenerates, parent_id: cut } = recorded;
    const names = { id: newId(), questionId: null, prompt: old.prompt! };
    this.#prompts.begin({ ...this.#preferred(), ...names, regenerates, cut });
  };

  /** Show another version of a message, and what follows it: an id of its `siblings`. */
  readonly select = (messageId: string): void => {
    if (!this.#thread.select(this.#prompts.ids.recorded(messageId))) return;
    followPath(this.#parts);
    this.#store.update();
  };

  /** Give the chat a title, on all devices. */
  readonly rename: (title: string) => Promise<void>;

  /** Delete the chat with all its messages, on all devices. */
  readonly remove: () => Promise<void>;

  #preferred(): Pick<Preferences, "model" | "onBusy"> {
    const { model, onBusy } = this.#preferences;
    return { model, onBusy };
  }

  #ask(prompt: string, place: Pick<Submission, "parentId" | "cut">, options: SendOptions): void {
    this.#store.error = null;
    const { onBusy = this.#preferences.onBusy, responseFormat, attachments } = options;
    const names = { id: newId(), questionId: newId(), prompt };
    this.#prompts.begin({ ...this.#preferred(), ...place, ...names, onBusy, responseFormat, attachments });
  }

  #listen(): () => void {
    const stopListening = this.#client.listen({
      onPhase: (phase) => {
        this.#thread.onPhase(phase);
        if (phase === "open") this.#followUnfinished();
        this.#store.update();
      },
      onClose: () => this.#store.update(),
      onGeneration: ({ chatId }) => adopt(this.#parts, chatId),
      onMessage: (message) => this.#thread.receive(message),
      onStatusUpdate: (status, _message, { chat_id, generation_id }) => {
        adopt(this.#parts, chat_id);
        this.#answers.updateStatus(this.#prompts.ids.shown(generation_id), status);
      },
    });
    const stopWaking = this.#client.environment.page.onWake(() => this.#thread.wake());
    return () => {
      stopListening();
      stopWaking();
    };
  }

  #onThread(before = this.#thread.current): void {
    const thread = this.#thread.current;
    if (before.version > 0 && thread.version === 0) this.#prompts.forget(before);
    this.#prompts.onThread(thread);
    followPath(this.#parts);
    adopt(this.#parts);
    this.#store.update();
  }

  /** A prompt was refused for what the thread may not have yet. */
  #onStale(generationId: string | undefined): void {
    if (!generationId || this.#thread.current.running?.id !== generationId) this.#thread.catchUp();
  }

  #followUnfinished(): void {
    this.#store.update();
    followUnfinished(this.#parts, this.state().messages, this.#preferred());
  }

  #onEnd(id: string, generation: Generation, error: FrameStreamError | null): void {
    if (generation.status === "cancelled" && !generation.text) this.#prompts.removeForeign(id);
    // A text that is kept no longer is no failure of an answer that has ended.
    const isGone = error?.code === "not_found" && this.#thread.current.messages.has(generation.id ?? "");
    if (error && !isGone) this.#store.error = error;
    // Its end was not told as one of the chat.
    if (this.#thread.current.running?.id === generation.id) this.#thread.expect();
    this.#refreshUsage();
    this.#store.update();
  }

  #refreshUsage(): void {
    if (this.#hasUsage && this.#members) this.#store.refreshUsage();
  }

  #setError(error: FrameStreamError | null): void {
    this.#store.error = error;
    this.#store.update();
  }
}
