/** Whether there is room for the list of chats beside the conversation. */

import { useSyncExternalStore } from "react";

const WIDE = matchMedia("(width > 860px)");

export function useIsWide(): boolean {
  return useSyncExternalStore(subscribe, () => WIDE.matches);
}

function subscribe(changed: () => void): () => void {
  WIDE.addEventListener("change", changed);
  return () => WIDE.removeEventListener("change", changed);
}
