/** What the page says to people about connections and answers. */

import type { ChatMessage, ConversationState } from "framestream/react";
import { dollars } from "./money.ts";

export interface Notice {
  tone: "good" | "busy" | "bad";
  short: string;
  /** What it means, where that is not plain. */
  long?: string;
}

export interface Connection extends Pick<ConversationState, "phase" | "closeCode"> {
  isOnline: boolean;
}

const FULL = 4429;

const CLOSED: Record<number, string> = {
  1000: "This connection was closed from another place. It is opened again when you ask something.",
  4000: "This page and the server do not understand each other. Reload it, please.",
  4001: "Your session has ended. Sign in again, please.",
  4003: "You may not use this from here.",
};

export function connectionNotice({ phase, closeCode, isOnline }: Connection): Notice {
  if (!isOnline) {
    const long =
      "This device is offline. What you ask waits until it is back, and answers go on where they were.";
    return { tone: "busy", short: "Offline", long };
  }
  if (phase === "open") return { tone: "good", short: "Connected" };
  if (phase === "closed") {
    const unreachable = "The server could not be reached. Answers go on being written; reload to see them.";
    return { tone: "bad", short: "Not connected", long: CLOSED[closeCode ?? 0] ?? unreachable };
  }
  if (closeCode === FULL) {
    const long =
      "You have too many pages open, so this one has no live connection: answers come in steps, every few seconds. " +
      "Close one of them; this one then connects by itself.";
    return { tone: "bad", short: "Waiting for a place", long };
  }
  if (phase === "waiting") {
    const long = "The connection is gone for a moment. Nothing gets lost: the answer goes on where it was.";
    return { tone: "busy", short: "Reconnecting …", long };
  }
  return { tone: "busy", short: "Connecting …" };
}

export function isRunning({ role, status }: ChatMessage): boolean {
  return role === "assistant" && !["completed", "failed", "cancelled"].includes(status);
}

export function statusOf(message: ChatMessage, connection: Connection, now = new Date()): string {
  const { status, text } = message;
  if (status === "completed") return "";
  if (status === "cancelled") return text ? "Stopped. This is what there was." : "Stopped before it began.";
  if (status === "failed") return failureOf(message, now);
  return runningStatus(message, connection);
}

function runningStatus(
  { status, text, hasParts }: ChatMessage,
  { phase, closeCode, isOnline }: Connection,
): string {
  if (!isOnline) return "Waiting for the network …";
  if (phase !== "open" && closeCode === FULL)
    return "Too many of your pages are open, so the text comes in steps of a few seconds …";
  if (text) return "Writing …";
  if (hasParts) return "Reasoning …";
  return status === "queued" ? "Waiting for its turn …" : "Thinking …";
}

/** By the code of a failure. A code that is not here brings a sentence of the server along. */
const REASONS: Record<number | string, string> = {
  ...CLOSED,
  1013: "The server could not take it just now.",
  llm_incomplete: "The answer broke off.",
  worker_lost: "The answer broke off, several times.",
  llm_rate_limited: "The model is asked by too many just now.",
  llm_unavailable: "The model cannot be reached right now.",
  llm_timeout: "The model took too long to answer.",
  llm_rejected: "The model did not accept this question.",
  content_filtered: "The model declined to answer this: it was filtered.",
  context_too_long: "This is too long for the model. Shorten it, please.",
  prompt_too_large: "This question is too long. Shorten it, please.",
  budget_exceeded: "The budget for answers is used up.",
  busy: "Another answer is being written in this chat.",
  stale_parent: "This chat has gone on elsewhere meanwhile.",
  not_found: "This is not there any more.",
  expired: "This waited too long for its turn, and was not started.",
  internal: "Something went wrong on the server.",
  rate_limited: "You asked too much in too short a time.",
  too_many_at_once: "Too many of your questions are being answered at once.",
  unreachable: "The server does not answer.",
  not_connected: "The connection was closed.",
};

function failureOf({ generationId, error }: ChatMessage, now: Date): string {
  const { code = "", message = "The answer failed.", retryAt = null } = error ?? {};
  const sentences = [failureWords(code, message)];
  if (generationId === null && code !== "not_sent") sentences.unshift("Not sent.");
  if (retryAt !== null) sentences.push(`Try again ${momentOf(new Date(retryAt), now)}.`);
  return sentences.join(" ");
}

export function failureWords(code: number | string, message: string): string {
  return REASONS[code] ?? message;
}

/** Milliseconds within which seconds matter. */
const SOON = 600_000;

/** In the reader's own time and way of writing it; with the day, unless that is today. */
export function momentOf(moment: Date, now: Date): string {
  const isSoon = moment.getTime() - now.getTime() < SOON;
  const time = moment.toLocaleTimeString(undefined, { timeStyle: isSoon ? "medium" : "short" });
  if (moment.toDateString() === now.toDateString()) return `at ${time}`;
  const day = moment.toLocaleDateString(undefined, { weekday: "long", day: "numeric", month: "long" });
  return `on ${day} at ${time}`;
}

export function titleOf(title: string): string {
  return title || "New chat";
}

/** What an answer took: its model, tokens and price, as far as they are known. */
export function factsOf({ model, usage, cost }: ChatMessage): string {
  const tokens = usage ? `${usage.total_tokens.toLocaleString()} tokens` : "";
  return [model, tokens, cost ? dollars(cost) : ""].filter(Boolean).join(" · ");
}

/** What the model did not see of the conversation, or not word for word; most often nothing. */
export function contextWords(context: ChatMessage["context"]): string {
  if (!context?.summarised && !context?.dropped) return "";
  const { turns, summarised, dropped } = context;
  const parts = [`The model saw the last ${counted(turns, "question")}`];
  if (summarised) parts.push(`a summary of ${counted(summarised, "older one")}`);
  if (dropped) parts.push(`nothing of ${counted(dropped, "older one")}`);
  return `${parts.join(", ")}.`;
}

function counted(number: number, name: string): string {
  return `${number} ${name}${number === 1 ? "" : "s"}`;
}
