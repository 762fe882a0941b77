/** Under which ids messages are shown: those that a page showed first keep their ids when the server names them. */

export class ShownIds {
  readonly #shown = new Map<string, string>();
  readonly #recorded = new Map<string, string>();

  set(recorded: string, shown: string): void {
    this.#shown.set(recorded, shown);
    this.#recorded.set(shown, recorded);
  }

  delete(recorded: string): void {
    const shown = this.#shown.get(recorded);
    if (shown !== undefined) this.#recorded.delete(shown);
    this.#shown.delete(recorded);
  }

  has(recorded: string): boolean {
    return this.#shown.has(recorded);
  }

  readonly shown = (recorded: string): string => this.#shown.get(recorded) ?? recorded;

  readonly recorded = (shown: string): string => this.#recorded.get(shown) ?? shown;
}
