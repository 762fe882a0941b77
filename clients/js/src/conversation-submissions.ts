/** The prompts of this page that the server does not tell as messages yet, with what is needed to send them. */

import type { Change, Thread } from "./chat-thread.ts";
import type { Enclosed, OnBusy } from "./http.ts";
import type { Accepted } from "./wire.ts";

export interface Submission extends Readonly<Enclosed> {
  /** Of the answer's message; the idempotency key, too. */
  readonly id: string;
  /** Of the question's message; null if an answer is asked for again. */
  readonly questionId: string | null;
  readonly prompt: string;
  readonly model?: string | undefined;
  readonly onBusy?: OnBusy | undefined;
  /** The answer that the question follows, `root`, or undefined for the one that ended last. */
  readonly parentId?: string | undefined;
  /** The answer that is asked for again. */
  readonly regenerates?: string | undefined;
  /** The last message that is shown before it while it is on its way, null for none; undefined for the end of the path. */
  readonly cut?: string | null | undefined;
}

/** How far a submission is. */
export interface Delivery {
  readonly submission: Submission;
  /** The generations that were known when it was sent. */
  readonly known: ReadonlySet<string>;
  /** The server has accepted it, with a record of its chat. */
  readonly reply?: Accepted;
  /** What the server told before it replied, and that looks like this one. */
  readonly claim?: Claim | undefined;
  /** Refused, or accepted by a server that records no chats: the messages stay as they are here. */
  readonly isSettled?: boolean;
}

export interface Claim {
  readonly generationId: string;
  readonly questionId: string | null;
}

export class Submissions {
  readonly #all = new Map<string, Delivery>();

  get(id: string): Delivery | undefined {
    return this.#all.get(id);
  }

  begin(submission: Submission, thread: Thread): void {
    this.#all.set(submission.id, { submission, known: new Set(claimsOf(thread).map(([id]) => id)) });
  }

  update(id: string, change: Partial<Delivery>): Delivery | undefined {
    const delivery = this.#all.get(id);
    if (!delivery) return undefined;
    const updated = { ...delivery, ...change };
    this.#all.set(id, updated);
    return updated;
  }

  delete(id: string): void {
    this.#all.delete(id);
  }

  /** Those that the server has not answered, or that the thread does not have yet. */
  get underWay(): Delivery[] {
    return [...this.#all.values()].filter(({ isSettled }) => !isSettled);
  }

  /** Those that the thread has by now. */
  arrived({ version }: Thread): Delivery[] {
    return this.underWay.filter(({ reply }) => reply && reply.chat_version! <= version);
  }

  /** Those without a reply of which the thread seems to tell, each with what it tells. */
  *claimed(thread: Thread, isTaken: (generationId: string) => boolean): Generator<[Submission, Claim]> {
    const waiting = this.underWay.filter(({ reply, claim }) => !reply && !claim);
    if (!waiting.length) return;
    const told = claimsOf(thread);
    for (const { submission, known } of waiting) {
      const found = told.find(
        ([id, text, questionId]) => !known.has(id) && !isTaken(id) && isLike(submission, text, questionId),
      );
      if (found) yield [submission, { generationId: found[0], questionId: found[2] }];
    }
  }
}

/** Whether it waits in the queue, or is expected to until the server replies. */
export function isWaiting({ submission, reply }: Delivery, { running, queue }: Thread): boolean {
  if (reply) return !!reply.waits;
  return submission.onBusy === "queue" && (running !== null || queue.waiting.length > 0);
}

/** The change of the chat that the acceptance of a prompt is. */
export function changeBy({ prompt, regenerates, onBusy }: Submission, reply: Accepted): Change {
  const { message_id = null, parent_id = null, generation_id, timestamp, waits } = reply;
  const { position = onBusy === "interrupt" ? 0 : Infinity } = reply; // Former releases do not tell it.
  const names = { message_id, parent_id, generation_id, timestamp, title: null };
  // The queue does not repeat the prompt of an answer that is asked for again.
  const text = waits && regenerates !== undefined ? null : prompt;
  const event = waits ? "queued" : regenerates === undefined ? "prompt" : "regenerate";
  return { ...names, text, event, position, isOwn: true, version: reply.chat_version! };
}

/** Of its messages here. */
export function idsOf({ id, questionId }: Submission): string[] {
  return questionId ? [questionId, id] : [id];
}

/** A generation with its prompt, and with its question, if that is a message. An answer that is made again has no prompt. */
type Told = readonly [generationId: string, prompt: string | null, questionId: string | null];

function claimsOf({ messages, running, queue }: Thread): Told[] {
  const asked = [...messages.values()].map(({ role, generation_id, text, message_id }): Told =>
    role === "user" ? [generation_id, text, message_id] : [generation_id, null, null],
  );
  const waiting = queue.waiting.map(({ generation_id, prompt }): Told => [generation_id, prompt, null]);
  return [...asked, ...waiting, ...(running ? [[running.id, null, running.questionId] as const] : [])];
}

function isLike(
  { prompt, regenerates, cut }: Submission,
  text: string | null,
  questionId: string | null,
): boolean {
  return regenerates === undefined ? text === prompt : text === null && questionId === cut && cut !== null;
}
