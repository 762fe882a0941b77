/** A text in Markdown that may still be growing. */

import { memo, useDeferredValue, useState } from "react";
import { GrowingText } from "./growing-text.ts";
import { headingLevels } from "./headings.ts";
import type { Block } from "./parse.ts";
import { blockElement } from "./render.tsx";

interface Props {
  text: string;
  isGrowing?: boolean;
}

export function Markdown({ text, isGrowing = false }: Props) {
  const [growing] = useState(() => new GrowingText());
  // A growing text that takes long to show falls behind, and does not hold up typing.
  const behind = useDeferredValue(text);
  const blocks = growing.blocksOf(isGrowing ? behind : text);
  const levels = headingLevels(blocks);
  return blocks.map((block, at) => <BlockElement key={at} block={block} level={levels[at]!} />);
}

const BlockElement = memo(function BlockElement({ block, level }: { block: Block; level: number }) {
  return blockElement(block, level);
});
