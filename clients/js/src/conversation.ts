/** One chat, as a page shows it: a store that changes with what is asked and answered, here and elsewhere. */

import {
  canRegenerate,
  failureOf,
  hasEnded,
  isOpen,
  merged,
  UNKNOWN_PROMPT,
  withPrompts,
  type ChatMessage,
} from "./chat-messages.ts";
import { Branches } from "./chat-path.ts";
import { ChatSync } from "./chat-sync.ts";
import type { Thread } from "./chat-thread.ts";
import type { FrameStreamClient } from "./client.ts";
import {
  statusOf,
  type ConversationOptions,
  type ConversationState,
  type Preferences,
  type WaitingPrompt,
} from "./conversation-state.ts";
import { isCutOff, messagesOf } from "./conversation-view.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import { newId } from "./ids.ts";
import type { Accepted, Message, Status, UserUsage } from "./messages.ts";
import { isEnd } from "./progress.ts";
import { smoothly } from "./smoothing.ts";
import { reused } from "./reuse.ts";
import { ShownIds } from "./shown-ids.ts";
import { Submissions, type Claim, type Delivery, type Submission } from "./submissions.ts";
import { Timers } from "./timers.ts";

/** Milliseconds for which the history waits for the socket: asked for after it opened, nothing can be missed. */
const SOCKET_FIRST = 500;
/** Milliseconds after a request during which a page that is looked at again asks for nothing. */
const FRESH = 10_000;

export class Conversation {
  #state: ConversationState;
  #subscribers = new Set<() => void>();
  /** The answers that are being written, by the id of their message. */
  #running = new Map<string, Generation>();
  /** What this page has received of answers, by the id of their message. */
  #received = new Map<string, Partial<ChatMessage>>();
  /** Messages that only this page has. */
  #locals: readonly ChatMessage[];
  /** The messages on the server after which those stand. */
  #places = new Map<string, string | null>();
  readonly #submissions = new Submissions();
  /** Answers that must not be shown again: replaced ones, and those that ended before this conversation began. */
  #removed = new Set<string>();
  readonly #ids = new ShownIds();
  /** Answers of which a message came, but not their question. */
  readonly #missed = new Set<string>();
  /** The answers that were requested here. */
  readonly #own = new Set<string>();
  #thread: Thread;
  #branches: Branches;
  /** The end of another path than the newest. */
  #selected: string | null = null;
  #error: FrameStreamError | null = null;
  #usage: UserUsage | null = null;
  #members = 0;
  #askedAt = -Infinity;
  #leave: (() => void) | null = null;
  #preferences: Preferences;
  readonly #hasUsage: boolean;
  readonly #sync: ChatSync;
  readonly #timers: Timers;
  readonly #client: FrameStreamClient;
  readonly #chatId: string;

  constructor(
    client: FrameStreamClient,
    { chatId, messages, usage = false, ...preferences }: ConversationOptions,
  ) {
    this.#client = client;
    this.#chatId = chatId;
    this.#preferences = preferences;
    this.#hasUsage = usage;
    this.#locals = withPrompts(messages ?? []);
    for (const { id } of this.#locals) this.#places.set(id, null);
    this.#timers = new Timers(client.environment.clock);
    this.#sync = new ChatSync({
      environment: client.environment,
      read: (since) => client.chats.read(chatId, since),
      onChange: () => this.#onThread(),
      onError: (error) => this.#setError(error),
    });
    this.#thread = this.#sync.thread;
    this.#branches = new Branches(this.#thread);
    this.#state = this.#made();
    // An application that restores messages has the ended answers.
    const known = messages ? client.generations(chatId) : [];
    for (const generation of known) if (generation.hasEnded) this.#removed.add(generation.id!);
  }

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  };

  readonly state = (): ConversationState => this.#state;

  /** No component shows it, and no answer of it is being written. */
  get isIdle(): boolean {
    return this.#members === 0 && this.#running.size === 0;
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
    this.#restore(stored);
    this.#sync.watch(true);
    if (isFirst) this.#load();
    this.#followUnfinished();
    this.#onThread();
    let isMember = true;
    return () => {
      if (isMember && --this.#members === 0) this.#sync.watch(false);
      isMember = false;
      release();
    };
  }

  /** Receive no more messages. */
  end(): void {
    this.#leave?.();
    this.#leave = null;
    this.#timers.stopAll();
    this.#sync.stop();
  }

  /** Set the preferences for the next prompts. */
  setPreferences(preferences: Preferences): void {
    this.#preferences = preferences;
  }

  /** Ask, after the last message of the path that is shown. */
  readonly send = (prompt: string, { onBusy }: Pick<Preferences, "onBusy"> = {}): void => {
    this.#ask(prompt, { parentId: this.#lastAnswer(), onBusy });
  };

  /** Ask in the place of a question. The former one, and what follows it, stays beside it. */
  readonly edit = (messageId: string, prompt: string): void => {
    const question = this.#thread.messages.get(this.#ids.recorded(messageId));
    if (question?.role !== "user") return this.send(prompt);
    const cut = question.parent_id;
    this.#ask(prompt, { parentId: cut ?? "root", cut });
  };

  /** Cancel all running answers of this conversation. If prompts wait, they wait until the queue is resumed. */
  readonly stop = (): void => {
    const waiting = new Set(this.#thread.queue.waiting.map(({ generation_id }) => generation_id));
    for (const generation of this.#running.values())
      if (!waiting.has(generation.id ?? "")) void generation.cancel().catch(() => {});
  };

  /** Ask again for an answer (the last one, if no id is given), which stays beside the new one. See `canRegenerate`. */
  readonly regenerate = (id?: string): void => {
    const { messages } = this.#state;
    const old =
      id === undefined ? messages.at(-1) : messages.find((each) => each.id === id || each.messageId === id);
    if (!old || !canRegenerate(old)) return;
    const recorded = this.#thread.messages.get(this.#ids.recorded(old.id));
    if (!recorded) return this.#askAgain(old);
    const submission = { prompt: old.prompt!, regenerates: recorded.message_id, cut: recorded.parent_id };
    this.#begin({ ...this.#preferred(), ...submission, id: newId(), questionId: null });
  };

  /** Show another version of a message, and what follows it: an id of its `siblings`. */
  readonly select = (messageId: string): void => {
    const id = this.#ids.recorded(messageId);
    if (!this.#branches.has(id)) return;
    this.#selected = this.#branches.newestBelow(id);
    this.#followAnswers();
    this.#update();
  };

  /** Give the chat a title, on all devices. */
  readonly rename = async (title: string): Promise<void> => {
    const { version } = await this.#client.chats.rename(this.#chatId, title);
    this.#sync.expect(version);
  };

  /** Delete the chat with all its messages, on all devices. */
  readonly remove = async (): Promise<void> => {
    await this.#client.chats.delete(this.#chatId);
    this.#sync.expect(this.#thread.version + 1);
  };

  readonly #queue = {
    edit: async (generationId: string, prompt: string): Promise<void> =>
      this.#changed(this.#client.chats.queue.edit(this.#chatId, generationId, prompt)),
    remove: async (generationId: string): Promise<void> =>
      this.#changed(this.#client.chats.queue.remove(this.#chatId, generationId)),
    resume: async (): Promise<void> => this.#changed(this.#client.chats.queue.resume(this.#chatId)),
  };

  async #changed(reply: Promise<{ chat_version: number }>): Promise<void> {
    this.#sync.expect((await reply).chat_version);
  }

  #listen(): () => void {
    const stopListening = this.#client.listen({
      onPhase: (phase) => {
        if (phase === "open") this.#onOpen();
        this.#update();
      },
      onClose: () => this.#update(),
      onGeneration: ({ chatId }) => this.#adopt(chatId),
      onMessage: (message) => this.#onMessage(message),
      onStatusUpdate: (status, _message, { chat_id, generation_id }) => {
        this.#adopt(chat_id);
        this.#updateStatus(generation_id, status);
      },
    });
    const stopWaking = this.#client.environment.page.onWake(() => {
      const isFresh = this.#client.environment.clock.now() - this.#askedAt < FRESH;
      if (this.#client.phase === "open" && !isFresh) this.#catchUp();
    });
    return () => {
      stopListening();
      stopWaking();
    };
  }

  /** Before a socket is open, changes may be missed. */
  #load(): void {
    if (this.#client.phase === "open") this.#catchUp();
    else this.#timers.after("load", SOCKET_FIRST, () => this.#catchUp());
  }

  #onOpen(): void {
    this.#catchUp();
    this.#followUnfinished();
  }

  #catchUp(): void {
    this.#timers.stop("load");
    this.#askedAt = this.#client.environment.clock.now();
    this.#sync.catchUp();
    this.#refreshUsage();
  }

  #onMessage(message: Message): void {
    if (!("chat_id" in message) || message.chat_id !== this.#chatId) return;
    if (message.type === "chat_message") this.#sync.take(message);
    if (message.type !== "llm_status" || !isEnd(message.status) || !message.chat_version) return;
    this.#sync.take({ ...message, event: "ended", version: message.chat_version });
  }

  #onThread(): void {
    const before = this.#thread;
    this.#thread = this.#sync.thread;
    if (this.#thread !== before) {
      const { tip } = this.#branches;
      this.#branches = new Branches(this.#thread);
      if (this.#branches.tip !== tip) this.#selected = null;
      if (before.version > 0 && this.#thread.version === 0) this.#forget(before);
    }
    for (const [submission, claim] of this.#submissions.claimed(this.#thread, (id) => this.#ids.has(id)))
      this.#claim(submission, claim);
    for (const { submission } of this.#submissions.arrived(this.#thread)) this.#drop(submission);
    this.#followAnswers();
    this.#adopt();
    this.#update();
  }

  /** The chat was deleted, and with it all that was asked and answered here. */
  #forget({ messages, running, queue }: Thread): void {
    const ids = [...messages.keys(), running?.id, ...queue.waiting.map(({ generation_id }) => generation_id)];
    for (const id of ids) if (id) this.#removed.add(id);
    const underWay = new Set(this.#submissions.underWay.flatMap(({ submission }) => idsOf(submission)));
    this.#locals = this.#locals.filter(({ id }) => underWay.has(id));
    this.#error = null;
  }

  /** Follow what is being answered, and read the answers of the path whose texts are not known. */
  #followAnswers(): void {
    const { running, messages } = this.#thread;
    if (running) this.#followAnswer(running.id, running.isNew);
    if (running && !running.questionId) void this.#askQuestionOf(running.id);
    for (const { id } of this.#branches.pathTo(this.#selected ?? this.#branches.tip))
      if (messages.get(id)?.text === null) this.#followAnswer(id, false);
  }

  #followAnswer(generationId: string, isNew: boolean): void {
    const id = this.#ids.shown(generationId);
    const received = this.#received.get(id);
    if (this.#running.has(id) || (received && !isCutOff(received))) return;
    const known = this.#client.generations(this.#chatId).find((each) => each.id === generationId);
    const isUsable = known && !(known.hasEnded && received) && this.#thread.running?.questionId !== null;
    void this.#show(
      id,
      isUsable ? known : this.#client.follow(generationId, { chatId: this.#chatId, isNew }),
    );
  }

  async #askQuestionOf(generationId: string): Promise<void> {
    const generation = this.#running.get(this.#ids.shown(generationId));
    const questionId = await generation?.questionId.catch(() => null);
    if (questionId && this.#thread.running?.id === generationId)
      this.#sync.setQuestion(generationId, questionId);
  }

  /** Follow the answers that are shown as unfinished, and send the prompts that were not sent. */
  #followUnfinished(): void {
    this.#update();
    for (const message of this.#state.messages) {
      const { id, generationId } = message;
      if (!isOpen(message) || this.#running.has(id)) continue;
      if (generationId) void this.#show(id, this.#client.follow(generationId, { chatId: this.#chatId }));
      else if (message.prompt) this.#resubmit(message);
      else this.#receive(id, { status: "failed", error: UNKNOWN_PROMPT });
    }
  }

  /** Show this chat's answers that were requested elsewhere, where the server does not record its chats. */
  #adopt(chatId = this.#chatId): void {
    // While a prompt of this conversation is not accepted, an unknown answer may belong to it.
    const isSubmitting = this.#submissions.underWay.some(({ reply }) => !reply);
    if (chatId !== this.#chatId || isSubmitting || !this.#sync.isSettled) return;
    for (const generation of this.#client.generations(chatId)) {
      const id = generation.id!;
      if (this.#isKnown(id)) continue;
      if (this.#thread.version > 0) {
        // Its question was missed.
        if (!generation.hasEnded && !this.#missed.has(id)) this.#sync.expect(this.#thread.version + 1);
        this.#missed.add(id);
        continue;
      }
      const answer = { ...answerTo(null), generationId: id };
      this.#ids.set(id, answer.id);
      this.#add([answer]);
      void this.#show(answer.id, generation);
    }
  }

  #isKnown(generationId: string): boolean {
    const { running, queue } = this.#thread;
    return (
      this.#removed.has(generationId) ||
      this.#branches.has(generationId) ||
      running?.id === generationId ||
      queue.waiting.some(({ generation_id }) => generation_id === generationId) ||
      this.#locals.some((local) => local.generationId === generationId)
    );
  }

  /** Update the status of an answer without text; later, its status follows the displayed text. */
  #updateStatus(generationId: string, status: Status): void {
    const id = this.#ids.shown(generationId);
    if (this.#running.has(id) && !this.#received.get(id)?.text && !hasEnded({ status }))
      this.#receive(id, { status });
  }

  /** The answer that a new prompt follows; undefined for the one that ends last. */
  #lastAnswer(): string | undefined {
    if (this.#submissions.underWay.length) return undefined;
    const last = this.#branches.pathTo(this.#selected ?? this.#branches.tip).at(-1);
    return last && this.#thread.messages.get(last.id)?.role === "assistant" ? last.id : undefined;
  }

  #preferred(): Pick<Preferences, "model" | "onBusy"> {
    const { model, onBusy } = this.#preferences;
    return { model, onBusy };
  }

  #ask(prompt: string, how: Partial<Submission>): void {
    const preferred = this.#preferred();
    const onBusy = how.onBusy ?? preferred.onBusy;
    this.#begin({ ...preferred, ...how, onBusy, prompt, id: newId(), questionId: newId() });
  }

  #begin(submission: Submission): void {
    const { id, questionId, prompt } = submission;
    const question = { role: "user", text: prompt, status: "completed", generationId: null } as const;
    this.#add([...(questionId ? [{ id: questionId, ...question }] : []), answerTo(prompt, id)]);
    this.#submit(submission);
  }

  /** Ask again for an answer that only this page has: in its place. */
  #askAgain(old: ChatMessage): void {
    // The server may have accepted the prompt although its response was lost: with the same key it is not written twice.
    const mayBeAccepted = old.generationId === null && old.error?.retryable;
    const answer = answerTo(old.prompt!, mayBeAccepted ? old.id : newId());
    if (!mayBeAccepted) for (const name of [old.id, old.generationId]) if (name) this.#removed.add(name);
    this.#received.delete(old.id);
    const former = this.#submissions.get(old.id)?.submission;
    const questionId = former ? former.questionId : this.#questionBefore(old.id);
    this.#locals = this.#locals.map((local) => (local.id === old.id ? answer : local));
    this.#places.set(answer.id, this.#places.get(old.id) ?? null);
    this.#submissions.delete(old.id);
    this.#submit({ ...former, ...this.#preferred(), id: answer.id, questionId, prompt: old.prompt! });
  }

  #questionBefore(id: string): string | null {
    const before = this.#locals[this.#locals.findIndex((local) => local.id === id) - 1];
    return before?.role === "user" ? before.id : null;
  }

  #resubmit({ id, prompt }: ChatMessage): void {
    const questionId = this.#questionBefore(id);
    this.#submit({ ...this.#preferred(), id, questionId, prompt: prompt! });
  }

  #add(messages: readonly ChatMessage[]): void {
    this.#locals = [...this.#locals, ...messages];
    for (const { id } of messages) this.#places.set(id, this.#branches.tip);
  }

  /** The message id is the idempotency key: a page left before the prompt was accepted can repeat it after a reload. */
  #submit(submission: Submission): void {
    const { id, questionId: _, cut: __, regenerates, prompt, ...how } = submission;
    const options = { ...how, chatId: this.#chatId, idempotencyKey: id };
    const generation =
      regenerates === undefined
        ? this.#client.generate({ ...options, prompt })
        : this.#client.regenerate(regenerates, options);
    this.#submissions.begin(submission, this.#thread);
    this.#error = null;
    generation.acceptance.then(
      (reply) => this.#onAccepted(submission, reply!),
      (error: FrameStreamError) => this.#onRefused(submission, error),
    );
    void this.#show(id, generation);
  }

  #onAccepted(submission: Submission, reply: Accepted): void {
    const { id, questionId, prompt, regenerates, onBusy } = submission;
    const { generation_id, message_id, parent_id = null, chat_version: version, waits } = reply;
    this.#unclaim(id, generation_id);
    this.#own.add(generation_id);
    this.#ids.set(generation_id, id);
    if (!message_id || !version) {
      this.#settle(submission);
      this.#locals = this.#locals.map((each) =>
        each.id === id ? { ...each, generationId: generation_id } : each,
      );
      return this.#onThread();
    }
    if (questionId) this.#ids.set(message_id, questionId);
    this.#submissions.update(id, { reply });
    const event = waits ? "queued" : regenerates === undefined ? "prompt" : "regenerate";
    const place = onBusy === "interrupt" ? 0 : this.#thread.queue.waiting.length;
    const names = { message_id, parent_id, generation_id, text: prompt, title: null };
    this.#sync.take({ ...names, event, version, position: place, timestamp: reply.timestamp });
    this.#onThread();
  }

  #onRefused(submission: Submission, { code, generationId }: FrameStreamError): void {
    this.#unclaim(submission.id);
    this.#settle(submission, generationId);
    // The thread does not have yet what is in the way.
    if (code === "stale_parent" || (code === "busy" && this.#thread.running?.id !== generationId))
      this.#sync.catchUp();
    this.#onThread();
  }

  /** From now on its messages stand where they are. */
  #settle(submission: Submission, place = this.#branches.tip): void {
    this.#submissions.update(submission.id, { isSettled: true });
    for (const id of idsOf(submission)) this.#places.set(id, place);
  }

  /** The server tells of a submission before it replies to it: show it once. */
  #claim({ id, questionId }: Submission, claim: Claim): void {
    this.#submissions.update(id, { claim });
    this.#ids.set(claim.generationId, id);
    if (claim.questionId && questionId) this.#ids.set(claim.questionId, questionId);
  }

  /** It was another one of the same text. */
  #unclaim(id: string, generationId?: string): void {
    const claim = this.#submissions.get(id)?.claim;
    if (!claim || claim.generationId === generationId) return;
    this.#submissions.update(id, { claim: undefined });
    this.#ids.delete(claim.generationId);
    if (claim.questionId) this.#ids.delete(claim.questionId);
  }

  /** The thread has it now. */
  #drop(submission: Submission): void {
    const gone = idsOf(submission);
    this.#submissions.delete(submission.id);
    this.#locals = this.#locals.filter(({ id }) => !gone.includes(id));
  }

  async #show(id: string, generation: Generation): Promise<void> {
    this.#running.set(id, generation);
    this.#update();
    let error: FrameStreamError | null = null;
    try {
      const texts = this.#preferences.smooth === false ? generation : smoothly(generation);
      for await (const text of texts)
        this.#receive(id, { text, status: generation.hasEnded ? "streaming" : generation.status });
    } catch (thrown) {
      if (generation.status === "failed") error = thrown as FrameStreamError;
    }
    this.#running.delete(id);
    const { text, status } = generation;
    if (status === "cancelled" && !text) this.#removeForeign(id);
    const { model, usage, cost, context } = await generation.result.catch(() => NO_RESULT);
    const details = { model, usage, cost, context };
    this.#receive(id, { text, status, error: error && failureOf(error, Date.now()), ...details });
    if (error) this.#setError(error);
    // Its end was not told as one of the chat.
    if (this.#thread.running?.id === generation.id) this.#sync.expect(this.#thread.version + 1);
    this.#refreshUsage();
  }

  /** Remove an answer that was requested elsewhere and cancelled before it had text. */
  #removeForeign(id: string): void {
    this.#locals = this.#locals.filter((message) => message.id !== id || message.prompt !== null);
  }

  #restore(stored: readonly ChatMessage[]): void {
    const known = this.#locals.map((local) => ({ ...local, ...this.#received.get(local.id) }));
    this.#locals = merged(known, stored, this.#removed);
    for (const { id, messageId, generationId } of this.#locals) {
      if (!this.#places.has(id)) this.#places.set(id, null);
      for (const name of [messageId, generationId]) {
        const isShown = name && (this.#branches.has(name) || this.#ids.has(name));
        if (name && !isShown) this.#ids.set(name, id);
      }
    }
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

  #receive(id: string, change: Partial<ChatMessage>): void {
    this.#received.set(id, { ...this.#received.get(id), ...change });
    this.#update();
  }

  #update(): void {
    this.#state = this.#made();
    for (const subscriber of this.#subscribers) subscriber();
  }

  #made(): ConversationState {
    const { phase, closeCode } = this.#client;
    const isRunning = (id: string) => this.#running.has(id);
    const messages = reused(this.#state?.messages ?? [], this.#messages(), ({ id }) => id);
    const { running, title } = this.#thread;
    return {
      ...{ messages, phase, closeCode, title, error: this.#error, usage: this.#usage },
      status: statusOf(messages, this.#error, isRunning),
      isLoaded: this.#sync.isLoaded,
      isDeleted: this.#sync.isDeleted,
      isBusyElsewhere: running !== null && !this.#own.has(running.id) && !this.#ids.has(running.id),
      queue: { ...this.#queue, isPaused: this.#thread.queue.is_paused, waiting: this.#waiting() },
    };
  }

  #messages(): ChatMessage[] {
    const underWay = this.#submissions.underWay;
    const isHidden = new Set(
      underWay
        .filter((each) => each.claim || this.#isWaiting(each))
        .flatMap(({ submission }) => idsOf(submission)),
    );
    const visible = underWay.filter(({ submission }) => !isHidden.has(submission.id));
    const atEnd = new Set(visible.flatMap(({ submission }) => idsOf(submission)));
    return messagesOf({
      thread: this.#thread,
      branches: this.#branches,
      end: this.#selected ?? this.#branches.tip,
      locals: this.#locals.filter(({ id }) => !isHidden.has(id)),
      placeOf: (id) => (atEnd.has(id) ? undefined : (this.#places.get(id) ?? null)),
      cut: visible.findLast(({ submission }) => submission.cut !== undefined)?.submission.cut,
      shownId: this.#ids.shown,
      received: (id) => this.#received.get(id),
      isRunning: (id) => this.#running.has(id),
    });
  }

  /** Whether it waits in the queue, or is expected to: until the server replies. */
  #isWaiting({ submission, reply }: Delivery): boolean {
    if (reply) return !!reply.waits;
    const { running, queue } = this.#thread;
    return submission.onBusy === "queue" && (running !== null || queue.waiting.length > 0);
  }

  #waiting(): readonly WaitingPrompt[] {
    const recorded = this.#thread.queue.waiting.map(({ generation_id: generationId, prompt }) => {
      return { id: this.#ids.shown(generationId), generationId, prompt };
    });
    const sent = this.#submissions.underWay
      .filter((each) => !each.claim && this.#isWaiting(each))
      .map(({ submission: { id, prompt } }) => ({ id, generationId: null, prompt }));
    return reused(this.#state?.queue.waiting ?? [], [...recorded, ...sent], ({ id }) => id);
  }
}

const NO_RESULT = { model: null, usage: null, cost: null, context: null };

function idsOf({ id, questionId }: Submission): string[] {
  return questionId ? [questionId, id] : [id];
}

function answerTo(prompt: string | null, id = newId()): ChatMessage {
  return { id, role: "assistant", text: "", status: "queued", generationId: null, prompt };
}
