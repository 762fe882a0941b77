/** Keeps the socket open while the application needs it, and until no answer is being written. */

import type { Clock } from "./environment.ts";
import type { Generations } from "./generations.ts";

/** Milliseconds for which the socket stays open after the last `hold` ended; the page may be on its way to its next view. */
const LINGER = 500;

export class Holds {
  /** The application opened the socket itself. */
  isWanted = false;
  #holders = 0;
  readonly #clock: Clock;
  readonly #generations: Generations;
  readonly #closeSocket: () => void;

  constructor(clock: Clock, generations: Generations, closeSocket: () => void) {
    this.#clock = clock;
    this.#generations = generations;
    this.#closeSocket = closeSocket;
  }

  get isNeeded(): boolean {
    return this.isWanted || this.#holders > 0;
  }

  /** Hold the socket until the returned function is called. */
  add(): () => void {
    this.#holders++;
    let isHeld = true;
    return () => {
      if (isHeld) this.#holders--;
      isHeld = false;
      this.#closeWhenIdle();
    };
  }

  #closeWhenIdle(): void {
    this.#clock.after(LINGER, () => {
      if (this.isNeeded) return;
      const { running, isAnswering } = this.#generations;
      const checkAgain = () => this.#closeWhenIdle();
      if (running) running.result.then(checkAgain, checkAgain);
      else if (isAnswering) checkAgain();
      else this.#closeSocket();
    });
  }
}
