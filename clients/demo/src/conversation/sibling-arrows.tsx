/** Leads from one version of a message to the others: ‹ 2 / 3 ›. */

import type { ChatMessage } from "framestream/react";
import { announce } from "../announcer.tsx";
import { Icon } from "../icon.tsx";

interface Props {
  message: ChatMessage;
  what: "question" | "answer";
  onSelect(id: string): void;
}

export function SiblingArrows({ message, what, onSelect }: Props) {
  const { id: ownId, siblings } = message;
  if (!siblings || siblings.count < 2) return null;
  const { index, count, previous, next } = siblings;
  const go = (id: string | null, number: number, arrow: "before" | "next") => {
    if (id === null) return;
    onSelect(id);
    // The message that is shown now has arrows of its own, and the focus belongs on the same one.
    requestAnimationFrame(() => document.getElementById(arrowId(id, arrow))?.focus());
    announce(`Version ${number} of ${count} of the ${what}.`);
  };
  // Not `disabled`, which would take the focus from the last one that is pressed.
  return (
    <span className="siblings" role="group" aria-label={`Versions of the ${what}`}>
      <button
        className="icon-button"
        id={arrowId(ownId, "before")}
        aria-label="The version before"
        aria-disabled={previous === null}
        onClick={() => go(previous, index, "before")}
      >
        <Icon name="left" />
      </button>
      <span>
        {index + 1} / {count}
      </span>
      <button
        className="icon-button"
        id={arrowId(ownId, "next")}
        aria-label="The next version"
        aria-disabled={next === null}
        onClick={() => go(next, index + 2, "next")}
      >
        <Icon name="right" />
      </button>
    </span>
  );
}

function arrowId(messageId: string, arrow: "before" | "next"): string {
  return `version-${arrow}-${messageId}`;
}
