/** A text in Markdown that may still be growing. */

import { memo, useDeferredValue, useState } from "react";
import { GrowingText } from "./growing-text.ts";
import type { Block } from "./parse.ts";
import { blockElement } from "./render.tsx";

export function Markdown({ text }: { text: string }) {
  const [growing] = useState(() => new GrowingText());
  // A text that takes long to show falls behind, and does not hold up typing.
  const shown = useDeferredValue(text);
  return growing.blocksOf(shown).map((block, at) => <BlockElement key={at} block={block} />);
}

const BlockElement = memo(function BlockElement({ block }: { block: Block }) {
  return blockElement(block);
});
