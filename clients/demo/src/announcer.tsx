/** Says short news to screen readers, politely: one at a time, and none twice. */

import { useSyncExternalStore } from "react";

let news = "";
const watchers = new Set<() => void>();

export function announce(sentence: string): void {
  // The same sentence again is news only if something changes: a space does, and is not read out.
  news = sentence === news ? `${sentence}\u00a0` : sentence;
  for (const watcher of watchers) watcher();
}

export function Announcer() {
  return (
    <p className="unseen" role="status">
      {useSyncExternalStore(subscribe, () => news)}
    </p>
  );
}

function subscribe(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}
