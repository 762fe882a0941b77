/**
 * The blocks of a text that grows at its end; only the last one is parsed again.
 *
 * A line that is complete never changes a block that ended before it. So what comes before the last block of the
 * complete lines is settled: it keeps its nodes, and React leaves what it made of them alone.
 */

import { hasDefinitions, parse, type Block } from "./parse.ts";

export class GrowingText {
  #text = "";
  #settled: readonly Block[] = [];
  /** Where the text begins that may still change. */
  #from = 0;
  #blocks: readonly Block[] = [];

  /** Return the blocks of a text, which is most often the last one with something appended. */
  blocksOf(text: string): readonly Block[] {
    if (text === this.#text) return this.#blocks;
    if (!text.startsWith(this.#text.slice(0, this.#from)) || hasDefinitions(text)) this.#restart();
    this.#text = text;
    if (!hasDefinitions(text)) this.#settle();
    this.#blocks = [...this.#settled, ...parse(text.slice(this.#from))];
    return this.#blocks;
  }

  #restart(): void {
    this.#settled = [];
    this.#from = 0;
  }

  #settle(): void {
    const rest = this.#text.slice(this.#from, this.#text.lastIndexOf("\n") + 1);
    if (!rest.trim()) return;
    const blocks = parse(rest);
    const start = blocks.at(-1)?.position?.start.offset ?? 0;
    if (blocks.length < 2) return;
    this.#settled = [...this.#settled, ...blocks.slice(0, -1)];
    this.#from += rest.lastIndexOf("\n", start - 1) + 1; // Its indentation says what belongs to it.
  }
}
