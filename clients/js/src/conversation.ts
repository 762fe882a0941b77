/** One chat, as a page shows it: a store that changes with what is asked and answered, here and elsewhere. */

import { canRegenerate, isOpen, UNKNOWN_PROMPT, type ChatMessage } from "./chat-messages.ts";
import type { FrameStreamClient } from "./client.ts";
import { Answers } from "./conversation-answers.ts";
import { Prompts } from "./conversation-prompts.ts";
import {
  statusOf,
  type ConversationOptions,
  type ConversationState,
  type Preferences,
  type SendOptions,
} from "./conversation-state.ts";
import { ConversationThread } from "./conversation-thread.ts";
import { messagesOf } from "./conversation-view.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import type { Enclosed } from "./http.ts";
import { newId } from "./ids.ts";
import type { UserUsage } from "./messages.ts";
import { reused } from "./reuse.ts";
import type { Submission } from "./submissions.ts";

export class Conversation {
  #state: ConversationState;
  readonly #subscribers = new Set<() => void>();
  #error: FrameStreamError | null = null;
  #usage: UserUsage | null = null;
  #members = 0;
  #leave: (() => void) | null = null;
  #preferences: Preferences;
  /** Answers of which a message came, but not their question. */
  readonly #missed = new Set<string>();
  readonly #hasUsage: boolean;
  readonly #thread: ConversationThread;
  readonly #answers: Answers;
  readonly #prompts: Prompts;
  readonly #client: FrameStreamClient;
  readonly #chatId: string;

  constructor(client: FrameStreamClient, options: ConversationOptions) {
    const { chatId, messages, usage = false, ...preferences } = options;
    this.#client = client;
    this.#chatId = chatId;
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
      onChange: () => this.#update(),
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
    this.#state = this.#made();
  }

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  };

  readonly state = (): ConversationState => this.#state;

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
    const shown = this.#state.messages.find(
      ({ id, messageId: known }) => messageId === id || messageId === known,
    );
    const attachments = shown?.attachments;
    this.#ask(prompt, { parentId: cut ?? "root", cut }, { attachments, ...enclosed });
  };

  /** Cancel all running answers of this conversation. If prompts wait, they wait until the queue is resumed. */
  readonly stop = (): void => {
    const waiting = this.#thread.current.queue.waiting.map(({ generation_id }) => generation_id);
    this.#answers.stop((id) => waiting.includes(id));
  };

  /** Ask again for an answer (the last one, if no id is given), which stays beside the new one. See `canRegenerate`. */
  readonly regenerate = (id?: string): void => {
    const { messages } = this.#state;
    const old =
      id === undefined ? messages.at(-1) : messages.find((each) => each.id === id || each.messageId === id);
    if (!old || !canRegenerate(old)) return;
    this.#error = null;
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
    this.#followAnswers();
    this.#update();
  };

  /** Give the chat a title, on all devices. */
  readonly rename = async (title: string): Promise<void> => {
    const { version } = await this.#client.chats.rename(this.#chatId, title);
    this.#thread.expect(version);
  };

  /** Delete the chat with all its messages, on all devices. */
  readonly remove = async (): Promise<void> => {
    await this.#client.chats.delete(this.#chatId);
    this.#thread.expect();
  };

  readonly #queue = {
    edit: async (generationId: string, prompt: string): Promise<void> =>
      this.#changed(this.#client.chats.queue.edit(this.#chatId, generationId, prompt)),
    remove: async (generationId: string): Promise<void> =>
      this.#changed(this.#client.chats.queue.remove(this.#chatId, generationId)),
    resume: async (): Promise<void> => this.#changed(this.#client.chats.queue.resume(this.#chatId)),
  };

  async #changed(reply: Promise<{ chat_version: number }>): Promise<void> {
    this.#thread.expect((await reply).chat_version);
  }

  #preferred(): Pick<Preferences, "model" | "onBusy"> {
    const { model, onBusy } = this.#preferences;
    return { model, onBusy };
  }

  #ask(prompt: string, place: Pick<Submission, "parentId" | "cut">, options: SendOptions): void {
    this.#error = null;
    const { onBusy = this.#preferences.onBusy, responseFormat, attachments } = options;
    const names = { id: newId(), questionId: newId(), prompt };
    this.#prompts.begin({ ...this.#preferred(), ...place, ...names, onBusy, responseFormat, attachments });
  }

  #listen(): () => void {
    const stopListening = this.#client.listen({
      onPhase: (phase) => {
        this.#thread.onPhase(phase);
        if (phase === "open") this.#followUnfinished();
        this.#update();
      },
      onClose: () => this.#update(),
      onGeneration: ({ chatId }) => this.#adopt(chatId),
      onMessage: (message) => this.#thread.receive(message),
      onStatusUpdate: (status, _message, { chat_id, generation_id }) => {
        this.#adopt(chat_id);
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
    this.#followAnswers();
    this.#adopt();
    this.#update();
  }

  /** A prompt was refused for what the thread may not have yet. */
  #onStale(generationId: string | undefined): void {
    if (!generationId || this.#thread.current.running?.id !== generationId) this.#thread.catchUp();
  }

  /** Follow what is being answered, and read the answers of the path whose texts are not known. */
  #followAnswers(): void {
    const { branches, end, current } = this.#thread;
    const { running, messages } = current;
    if (running) {
      const hasQuestion = running.questionId !== null;
      this.#answers.follow(this.#prompts.ids.shown(running.id), running.id, { ...running, hasQuestion });
      if (!hasQuestion) void this.#askQuestionOf(running.id);
    }
    for (const { id } of branches.pathTo(end))
      if (messages.get(id)?.text === null)
        this.#answers.follow(this.#prompts.ids.shown(id), id, { isNew: false, hasQuestion: true });
  }

  async #askQuestionOf(generationId: string): Promise<void> {
    const generation = this.#answers.generation(this.#prompts.ids.shown(generationId));
    const questionId = await generation?.questionId.catch(() => null);
    if (questionId) this.#thread.setQuestion(generationId, questionId);
  }

  /** Follow the answers that are shown as unfinished, and send the prompts that were not sent. */
  #followUnfinished(): void {
    this.#update();
    const chatId = this.#chatId;
    for (const message of this.#state.messages) {
      const { id, generationId } = message;
      if (!isOpen(message) || this.#answers.isRunning(id)) continue;
      if (generationId) void this.#answers.show(id, this.#client.follow(generationId, { chatId }));
      else if (message.prompt) this.#prompts.resubmit(message, this.#preferred());
      else this.#answers.receive(id, { status: "failed", error: UNKNOWN_PROMPT });
    }
  }

  /** Show this chat's answers that were requested elsewhere, where the server does not record its chats. */
  #adopt(chatId = this.#chatId): void {
    if (chatId !== this.#chatId || this.#prompts.isSubmitting || !this.#thread.isSettled) return;
    for (const generation of this.#client.generations(chatId)) {
      const id = generation.id!;
      if (this.#thread.has(id) || this.#prompts.has(id)) continue;
      if (this.#thread.current.version === 0) this.#prompts.adopt(generation);
      else if (!generation.hasEnded && !this.#missed.has(id)) {
        this.#missed.add(id);
        this.#thread.expect();
      }
    }
  }

  #onEnd(id: string, generation: Generation, error: FrameStreamError | null): void {
    if (generation.status === "cancelled" && !generation.text) this.#prompts.removeForeign(id);
    // A text that is kept no longer is no failure of an answer that has ended.
    const isGone = error?.code === "not_found" && this.#thread.current.messages.has(generation.id ?? "");
    if (error && !isGone) this.#error = error;
    // Its end was not told as one of the chat.
    if (this.#thread.current.running?.id === generation.id) this.#thread.expect();
    this.#refreshUsage();
    this.#update();
  }

  #refreshUsage(): void {
    if (!this.#hasUsage || !this.#members) return;
    const set = (usage: UserUsage) => {
      this.#usage = usage;
      this.#update();
    };
    this.#client.chats.usage().then(set, () => {}); // Not each release of the server counts.
  }

  #setError(error: FrameStreamError | null): void {
    this.#error = error;
    this.#update();
  }

  #update(): void {
    this.#state = this.#made(this.#state);
    for (const subscriber of this.#subscribers) subscriber();
  }

  #made(before?: ConversationState): ConversationState {
    const { phase, closeCode } = this.#client;
    const { received, isRunning } = this.#answers;
    const { current: thread, branches, end, isLoaded, isDeleted } = this.#thread;
    const now = messagesOf({ thread, branches, end, ...this.#prompts.seen, received, isRunning });
    const messages = reused(before?.messages ?? [], now);
    const waiting = reused(before?.queue.waiting ?? [], this.#prompts.waiting);
    const { running, title, queue } = thread;
    const isSameQueue = before?.queue.waiting === waiting && before.queue.isPaused === queue.is_paused;
    return {
      ...{ messages, phase, closeCode, title, error: this.#error, usage: this.#usage },
      status: statusOf(messages, this.#error, isRunning),
      ...{ isLoaded, isDeleted },
      isBusyElsewhere: running !== null && !this.#prompts.isOwn(running.id),
      queue: isSameQueue ? before.queue : { ...this.#queue, isPaused: queue.is_paused, waiting },
    };
  }
}
