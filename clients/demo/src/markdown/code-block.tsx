/** Code with its colours, and a button that copies it. */

import type { ElementContent } from "hast";
import { memo, useMemo, useSyncExternalStore, type ReactNode } from "react";
import { CopyButton } from "../copy-button.tsx";

type Highlight = typeof import("./highlighting.ts").highlight;

/** Beyond, colours cost more time than they save the reader. */
const LONGEST = 50_000;

interface Props {
  code: string;
  language: string;
}

export const CodeBlock = memo(function CodeBlock({ code, language }: Props) {
  const name = language.toLowerCase();
  const highlight = useHighlighting(name !== "" && code.length <= LONGEST);
  const parts = useMemo(() => highlight?.(code, name)?.children, [highlight, code, name]);
  return (
    <div className="code">
      <div className="code-head">
        <span>{language || "text"}</span>
        <CopyButton text={code} what="code" />
      </div>
      <pre dir="ltr" tabIndex={0}>
        <code>{parts ? (parts as ElementContent[]).map(partElement) : code}</code>
      </pre>
    </div>
  );
});

function partElement(part: ElementContent, key: number): ReactNode {
  if (part.type === "text") return part.value;
  if (part.type !== "element") return null;
  return (
    <span key={key} className={(part.properties.className as string[] | undefined)?.join(" ")}>
      {part.children.map(partElement)}
    </span>
  );
}

let loaded: Highlight | null = null;
let loading = false;
const waiting = new Set<() => void>();

function useHighlighting(isWanted: boolean): Highlight | null {
  const subscribe = useMemo(() => (isWanted ? subscribeToLoading : () => () => {}), [isWanted]);
  const current = () => (isWanted ? loaded : null);
  return useSyncExternalStore(subscribe, current, current);
}

function subscribeToLoading(changed: () => void): () => void {
  waiting.add(changed);
  void load();
  return () => void waiting.delete(changed);
}

async function load(): Promise<void> {
  if (loaded || loading) return;
  loading = true;
  try {
    ({ highlight: loaded } = await import("./highlighting.ts"));
  } catch {
    // Without a network code stays plain; the next block tries again.
  }
  loading = false;
  for (const changed of waiting) changed();
}
