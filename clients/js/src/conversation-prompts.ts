/** What is asked in a conversation and not, or not yet, a message on the server: sent, refused, or brought along. */

import type { ChatMessage } from "./chat-messages.ts";
import type { Branches } from "./chat-path.ts";
import type { Change, Thread } from "./chat-thread.ts";
import type { FrameStreamClient } from "./client.ts";
import type { WaitingPrompt } from "./conversation-state.ts";
import {
  changeBy,
  idsOf,
  isWaiting,
  Submissions,
  type Claim,
  type Delivery,
  type Submission,
} from "./conversation-submissions.ts";
import type { Seen } from "./conversation-view.ts";
import type { FrameStreamError } from "./errors.ts";
import type { Generation } from "./generation.ts";
import { newId } from "./ids.ts";
import { answerTo, LocalMessages } from "./local-messages.ts";
import type { Accepted } from "./messages.ts";
import { ShownIds } from "./shown-ids.ts";

export interface PromptsOptions {
  client: FrameStreamClient;
  chatId: string;
  thread(): Thread;
  branches(): Branches;
  /** Show the answer of a prompt that was sent. */
  show(id: string, generation: Generation): void;
  received(id: string): Partial<ChatMessage> | undefined;
  /** The server has accepted a prompt, as a change of its chat. */
  onAccepted(change: Change): void;
  /** Something else is in the way, which may not be known here. */
  onStale(generationId: string | undefined): void;
  onChange(): void;
}

export class Prompts {
  readonly ids = new ShownIds();
  readonly #locals: LocalMessages;
  readonly #submissions = new Submissions();
  /** Generations that must not be shown again: of replaced answers, and of a chat that was deleted. */
  readonly #removed = new Set<string>();
  /** The messages of the last prompt that followed something unknown: they outlive a chat that was deleted unheard. */
  #orphans: readonly string[] = [];
  /** What questions were sent with, by the ids of their messages here. */
  readonly #attached = new Map<string, readonly string[]>();
  /** Generations that were requested here. */
  readonly #own = new Set<string>();
  readonly #options: PromptsOptions;

  constructor(options: PromptsOptions, stored: readonly ChatMessage[] | undefined) {
    this.#options = options;
    this.#locals = new LocalMessages(stored ?? []);
    // An application that restores messages has the ended answers.
    const known = stored ? options.client.generations(options.chatId) : [];
    for (const generation of known) if (generation.hasEnded) this.#removed.add(generation.id!);
  }

  /** A prompt is on its way, and an answer that is not known may be its own. */
  get isSubmitting(): boolean {
    return this.#submissions.underWay.some(({ reply }) => !reply);
  }

  get isUnderWay(): boolean {
    return this.#submissions.underWay.length > 0;
  }

  /** The message on the server after which what begins now stands. */
  get #tip(): string | null {
    return this.#options.branches().tip;
  }

  isOwn(generationId: string): boolean {
    return this.#own.has(generationId) || this.ids.has(generationId);
  }

  has(generationId: string): boolean {
    return (
      this.#removed.has(generationId) || this.#locals.all.some((local) => local.generationId === generationId)
    );
  }

  begin(submission: Submission): void {
    const { id, questionId, prompt, attachments, responseFormat } = submission;
    const plain = { role: "user", text: prompt, status: "completed", generationId: null } as const;
    const question = { ...plain, ...(attachments?.length && { attachments }) };
    if (questionId && attachments?.length) this.#attached.set(questionId, attachments);
    const answer = { ...answerTo(prompt, id), ...(responseFormat && { responseFormat }) };
    this.#locals.add([...(questionId ? [{ id: questionId, ...question }] : []), answer], this.#tip);
    this.#submit(submission);
  }

  /** Show an answer of a server that does not record chats, and that was requested elsewhere. */
  adopt(generation: Generation): void {
    const answer = { ...answerTo(null), generationId: generation.id };
    this.ids.set(generation.id!, answer.id);
    this.#locals.add([answer], this.#tip);
    this.#options.show(answer.id, generation);
  }

  /** Ask again for an answer that only this page has: in its place. */
  again(old: ChatMessage, preferred: Pick<Submission, "model" | "onBusy">): void {
    // The server may have accepted the prompt although its response was lost: with the same key it is not written twice.
    const mayBeAccepted = old.generationId === null && old.error?.retryable;
    const { responseFormat } = old;
    const plain = answerTo(old.prompt!, mayBeAccepted ? old.id : newId());
    const answer = { ...plain, ...(responseFormat && { responseFormat }) };
    if (!mayBeAccepted) for (const name of [old.id, old.generationId]) if (name) this.#removed.add(name);
    const former = this.#submissions.get(old.id)?.submission;
    const questionId = former ? former.questionId : this.#locals.questionBefore(old.id);
    const onBusy = former?.onBusy ?? preferred.onBusy;
    this.#locals.replace(old.id, answer);
    this.#submissions.delete(old.id);
    const enclosed = this.#locals.enclosed(questionId, responseFormat);
    this.#submit({
      ...former,
      ...preferred,
      ...enclosed,
      onBusy,
      id: answer.id,
      questionId,
      prompt: old.prompt!,
    });
  }

  /** Send a prompt that the page was left with before it was accepted. */
  resubmit(
    { id, prompt, responseFormat }: ChatMessage,
    preferred: Pick<Submission, "model" | "onBusy">,
  ): void {
    const questionId = this.#locals.questionBefore(id);
    this.#submit({
      ...preferred,
      ...this.#locals.enclosed(questionId, responseFormat),
      id,
      questionId,
      prompt: prompt!,
    });
  }

  /** Remove an answer that was requested elsewhere and cancelled before it had text. */
  removeForeign(id: string): void {
    this.#locals.keep((message) => message.id !== id || message.prompt !== null);
  }

  restore(stored: readonly ChatMessage[]): void {
    this.#locals.restore(this.#options.received, stored, this.#removed);
    for (const { id, messageId, generationId } of this.#locals.all)
      for (const name of [messageId, generationId]) {
        const isShown = name && (this.#options.branches().has(name) || this.ids.has(name));
        if (name && !isShown) this.ids.set(name, id);
      }
  }

  /** Compare with what the server tells: what it has is shown from there. */
  onThread(thread: Thread): void {
    for (const [submission, claim] of this.#submissions.claimed(thread, (id) => this.ids.has(id)))
      this.#claim(submission, claim);
    for (const { submission } of this.#submissions.arrived(thread)) {
      const gone = idsOf(submission);
      this.#submissions.delete(submission.id);
      this.#locals.keep(({ id }) => !gone.includes(id));
    }
  }

  /** The chat was deleted, and with it all that was asked and answered here. */
  forget({ messages, running, queue }: Thread): void {
    const ids = [...messages.keys(), running?.id, ...queue.waiting.map(({ generation_id }) => generation_id)];
    for (const id of ids) if (id) this.#removed.add(id);
    const underWay = new Set(this.#submissions.underWay.flatMap(({ submission }) => idsOf(submission)));
    this.#locals.keep(({ id }) => underWay.has(id) || this.#orphans.includes(id));
  }

  /** What there is to show of them. */
  get seen(): Pick<Seen, "locals" | "placeOf" | "cut" | "shownId" | "attached"> {
    const thread = this.#options.thread();
    const underWay = this.#submissions.underWay;
    const isElsewhere = (delivery: Delivery) => !!delivery.claim || isWaiting(delivery, thread);
    const hidden = new Set(underWay.filter(isElsewhere).flatMap(({ submission }) => idsOf(submission)));
    const visible = underWay.filter(({ submission }) => !hidden.has(submission.id));
    const atEnd = new Set(visible.flatMap(({ submission }) => idsOf(submission)));
    return {
      locals: this.#locals.all.filter(({ id }) => !hidden.has(id)),
      placeOf: (id) => (atEnd.has(id) ? undefined : this.#locals.placeOf(id)),
      cut: visible.findLast(({ submission }) => submission.cut !== undefined)?.submission.cut,
      shownId: this.ids.shown,
      attached: (id) => this.#attached.get(id),
    };
  }

  /** The prompts that wait on the server, and then those that are on their way there to wait. */
  get waiting(): WaitingPrompt[] {
    const thread = this.#options.thread();
    const recorded = thread.queue.waiting.map(({ generation_id: generationId, prompt }) => {
      return { id: this.ids.shown(generationId), generationId, prompt: prompt ?? "" };
    });
    const sent = this.#submissions.underWay.filter((each) => !each.claim && isWaiting(each, thread));
    return [
      ...recorded,
      ...sent.map(({ submission: { id, prompt, regenerates } }) => {
        return { id, generationId: null, prompt: regenerates === undefined ? prompt : "" };
      }),
    ];
  }

  /** The message id is the idempotency key: a page left before the prompt was accepted can repeat it after a reload. */
  #submit(submission: Submission): void {
    const { client, chatId, thread, show } = this.#options;
    const { id, questionId: _, cut: __, regenerates, prompt, ...how } = submission;
    const options = { ...how, chatId, idempotencyKey: id };
    const generation =
      regenerates === undefined
        ? client.generate({ ...options, prompt })
        : client.regenerate(regenerates, options);
    this.#submissions.begin(submission, thread());
    generation.acceptance.then(
      (reply) => this.#onAccepted(submission, reply!),
      (error: FrameStreamError) => this.#onRefused(submission, error),
    );
    show(id, generation);
  }

  #onAccepted(submission: Submission, reply: Accepted): void {
    const { id, questionId } = submission;
    const { generation_id: generationId, message_id, chat_version } = reply;
    this.#unclaim(id, generationId);
    this.#own.add(generationId);
    this.ids.set(generationId, id);
    if (!message_id || !chat_version) {
      this.#settle(submission);
      this.#locals.update(id, { generationId });
      return this.#options.onChange();
    }
    if (questionId) this.ids.set(message_id, questionId);
    this.#submissions.update(id, { reply });
    this.#options.onAccepted(changeBy(submission, reply));
  }

  #onRefused(submission: Submission, { code, status = 0, generationId }: FrameStreamError): void {
    this.#unclaim(submission.id);
    this.#settle(submission, generationId);
    // What it follows may be gone: the chat was deleted, and the message about that was lost.
    const isUnknown = [404, 422].includes(status) && !!(submission.parentId ?? submission.regenerates);
    if (isUnknown) this.#orphans = idsOf(submission);
    if (code === "busy" || code === "stale_parent" || isUnknown) this.#options.onStale(generationId);
    this.#options.onChange();
  }

  /** From now on its messages stand after this one. */
  #settle(submission: Submission, place = this.#tip): void {
    this.#submissions.update(submission.id, { isSettled: true });
    this.#locals.place(idsOf(submission), place);
  }

  /** The server tells of a prompt before it replies to it: show it once. */
  #claim({ id, questionId }: Submission, claim: Claim): void {
    this.#submissions.update(id, { claim });
    this.ids.set(claim.generationId, id);
    if (claim.questionId && questionId) this.ids.set(claim.questionId, questionId);
  }

  /** It was another one of the same text. */
  #unclaim(id: string, generationId?: string): void {
    const claim = this.#submissions.get(id)?.claim;
    if (!claim || claim.generationId === generationId) return;
    this.#submissions.update(id, { claim: undefined });
    this.ids.delete(claim.generationId);
    if (claim.questionId) this.ids.delete(claim.questionId);
  }
}
