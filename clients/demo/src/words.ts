/** What the page says to people. */

import type { ChatMessage, ConversationState } from "framestream/react";

export interface Notice {
  tone: "good" | "busy" | "bad";
  short: string;
  /** What it means, where that is not plain. */
  long?: string;
}

const REFUSED: Record<number, string> = {
  4000: "This page and the server do not understand each other. Reload it, please.",
  4001: "Your session has ended. Sign in again, please.",
  4003: "You may not use this from here.",
  4429: "You have too many pages open. Close one of them; this one then connects by itself.",
};

export function connectionNotice({
  phase,
  closeCode,
}: Pick<ConversationState, "phase" | "closeCode">): Notice {
  const refused = REFUSED[closeCode ?? 0];
  if (phase === "open") return { tone: "good", short: "Connected" };
  if (phase === "closed") {
    const long =
      refused ?? "The server could not be reached. Answers go on being written; reload to see them.";
    return { tone: "bad", short: "Not connected", long };
  }
  if (refused) return { tone: "bad", short: "Waiting for a place", long: refused };
  if (phase === "waiting") {
    const long = "The connection is gone for a moment. Nothing gets lost: the answer goes on where it was.";
    return { tone: "busy", short: "Reconnecting …", long };
  }
  return { tone: "busy", short: "Connecting …" };
}

export function statusOf({ status, text }: ChatMessage): string {
  if (status === "queued") return "Waiting for its turn …";
  if (status === "cancelled") return text ? "Stopped. This is what there was." : "Stopped before it began.";
  if (status === "failed") return "The answer broke off.";
  if (status === "completed") return "";
  return text ? "Writing …" : "Thinking …";
}
