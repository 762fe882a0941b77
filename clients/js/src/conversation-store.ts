/** What subscribers of a conversation see: its state, made anew with each change, in which equal things stay the same. */

import type { FrameStreamClient } from "./client.ts";
import type { Answers } from "./conversation-answers.ts";
import type { Prompts } from "./conversation-prompts.ts";
import { statusOf, type ConversationState, type Queue } from "./conversation-state.ts";
import type { ConversationThread } from "./conversation-thread.ts";
import { messagesOf } from "./conversation-view.ts";
import type { FrameStreamError } from "./errors.ts";
import type { UserUsage } from "./messages.ts";
import { reused } from "./reuse.ts";

export interface StoreOptions {
  client: FrameStreamClient;
  thread: ConversationThread;
  answers: Answers;
  prompts: Prompts;
  /** How a page changes the queue. */
  queue: Pick<Queue, "edit" | "remove" | "resume">;
}

export class ConversationStore {
  /** Shown with the next update. */
  error: FrameStreamError | null = null;
  #usage: UserUsage | null = null;
  #state: ConversationState;
  readonly #subscribers = new Set<() => void>();
  readonly #options: StoreOptions;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#state = this.#made();
  }

  readonly state = (): ConversationState => this.#state;

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  };

  update(): void {
    this.#state = this.#made(this.#state);
    for (const subscriber of this.#subscribers) subscriber();
  }

  refreshUsage(): void {
    const set = (usage: UserUsage) => {
      this.#usage = usage;
      this.update();
    };
    this.#options.client.chats.usage().then(set, () => {}); // Not each release of the server counts.
  }

  #made(before?: ConversationState): ConversationState {
    const { client, answers, prompts, thread: known } = this.#options;
    const { phase, closeCode } = client;
    const { received, isRunning } = answers;
    const { current: thread, branches, end, isLoaded, isDeleted } = known;
    const now = messagesOf({ thread, branches, end, ...prompts.seen, received, isRunning });
    const messages = reused(before?.messages ?? [], now);
    const waiting = reused(before?.queue.waiting ?? [], prompts.waiting);
    const { running, title, queue } = thread;
    const isSameQueue = before?.queue.waiting === waiting && before.queue.isPaused === queue.is_paused;
    return {
      ...{ messages, phase, closeCode, title, error: this.error, usage: this.#usage },
      status: statusOf(messages, this.error, isRunning),
      ...{ isLoaded, isDeleted },
      isBusyElsewhere: running !== null && !prompts.isOwn(running.id),
      queue: isSameQueue ? before.queue : { ...this.#options.queue, isPaused: queue.is_paused, waiting },
    };
  }
}
