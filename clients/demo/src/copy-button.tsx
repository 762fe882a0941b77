/** Copies a text, and says whether it could. */

import { useEffect, useState } from "react";
import { announce } from "./announcer.tsx";
import { copy } from "./clipboard.ts";
import { Icon } from "./icon.tsx";

interface Props {
  text: string;
  /** What it copies, for those who do not see where it stands. */
  what: string;
}

const SHOWN_FOR = 2000;

export function CopyButton({ text, what }: Props) {
  const [isCopied, setCopied] = useState<boolean | null>(null);
  useEffect(() => {
    if (isCopied === null) return;
    const timer = setTimeout(() => setCopied(null), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const press = async () => {
    const isDone = await copy(text);
    setCopied(isDone);
    announce(isDone ? `Copied the ${what}.` : `The ${what} could not be copied.`);
  };
  return (
    <button className="action" type="button" onClick={press} aria-label={`Copy the ${what}`}>
      <Icon name={isCopied ? "check" : "copy"} />
      {isCopied === null ? "Copy" : isCopied ? "Copied" : "Not copied"}
    </button>
  );
}
