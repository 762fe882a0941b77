/** Time that passes when a test says so: hours in milliseconds, and the same in each run. */

import type { Clock } from "../../src/index.ts";

export class VirtualClock implements Clock {
  #now = 0;
  #count = 0;
  readonly #due = new Map<number, { at: number; act: () => void }>();

  readonly now = (): number => this.#now;

  readonly after = (ms: number, act: () => void): (() => void) => {
    const id = this.#count++;
    this.#due.set(id, { at: this.#now + ms, act });
    return () => void this.#due.delete(id);
  };

  readonly sleep = (ms: number): Promise<void> => new Promise((resolve) => this.after(ms, resolve));

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      next.act();
      await settled();
    }
    this.#now = end;
  }

  #next(end: number): { at: number; act: () => void } | null {
    const due = [...this.#due].filter(([, { at }]) => at <= end);
    if (!due.length) return null;
    const [id, next] = due.reduce((first, other) => (other[1].at < first[1].at ? other : first));
    this.#due.delete(id);
    return next;
  }
}

/** Everything that needs no time is done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
