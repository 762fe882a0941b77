/** What a model thought before and between what it said: open while it comes, folded once there is text. */

import { useEffect, useState } from "react";

interface Props {
  /** All of it, in its order. */
  texts: readonly string[];
  isGrowing: boolean;
}

export function Reasoning({ texts, isGrowing }: Props) {
  const [isOpen, setOpen] = useState(isGrowing);
  useEffect(() => setOpen(isGrowing), [isGrowing]);
  if (!texts.length) return null;
  return (
    <details
      className="reasoning"
      open={isOpen}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary>{isGrowing ? "Reasoning …" : "Reasoning"}</summary>
      {texts.map((text, at) => (
        <p key={at} dir="auto">
          {text}
        </p>
      ))}
    </details>
  );
}
