/** Leads from one version of a message to the others: ‹ 2 / 3 ›. */

import type { ChatMessage } from "framestream/react";
import { announce } from "../announcer.tsx";
import { Icon } from "../icon.tsx";

interface Props {
  siblings: ChatMessage["siblings"];
  what: "question" | "answer";
  onSelect(id: string): void;
}

export function SiblingArrows({ siblings, what, onSelect }: Props) {
  if (!siblings || siblings.count < 2) return null;
  const { index, count, previous, next } = siblings;
  const go = (id: string | null, number: number) => {
    if (id === null) return;
    onSelect(id);
    announce(`Version ${number} of ${count} of the ${what}.`);
  };
  // Not `disabled`, which would take the focus from the last one that is pressed.
  return (
    <span className="siblings" role="group" aria-label={`Versions of the ${what}`}>
      <button
        className="icon-button"
        aria-label="The version before"
        aria-disabled={previous === null}
        onClick={() => go(previous, index)}
      >
        <Icon name="left" />
      </button>
      <span>
        {index + 1} / {count}
      </span>
      <button
        className="icon-button"
        aria-label="The next version"
        aria-disabled={next === null}
        onClick={() => go(next, index + 2)}
      >
        <Icon name="right" />
      </button>
    </span>
  );
}
