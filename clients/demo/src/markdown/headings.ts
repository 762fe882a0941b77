/** Puts an answer's headings below those of the page, and leaves out no level. */

import type { Block } from "./parse.ts";

/** The page's own headings come first. */
const ABOVE = 2;
const DEEPEST = 6;

/** The levels of the blocks that are headings, by their places. It depends on earlier ones only, so a growing text keeps them. */
export function headingLevels(blocks: readonly Block[]): readonly number[] {
  const open: number[] = [];
  return blocks.map((block) => {
    if (block.type !== "heading") return 0;
    while (open.length && open.at(-1)! >= block.depth) open.pop();
    open.push(block.depth);
    return Math.min(ABOVE + open.length, DEEPEST);
  });
}
