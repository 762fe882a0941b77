/** Timers with names: starting one again ends the one before. */

import type { Clock } from "./environment.ts";

export class Timers {
  #running = new Map<string, () => void>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  has(name: string): boolean {
    return this.#running.has(name);
  }

  after(name: string, ms: number, act: () => void): void {
    this.stop(name);
    const cancel = this.#clock.after(ms, () => {
      this.#running.delete(name);
      act();
    });
    this.#running.set(name, cancel);
  }

  stop(...names: string[]): void {
    for (const name of names) {
      this.#running.get(name)?.();
      this.#running.delete(name);
    }
  }

  stopAll(): void {
    this.stop(...this.#running.keys());
  }
}
