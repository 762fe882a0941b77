import type { ChatMessage } from "framestream/react";
import { describe, expect, test } from "vitest";
import { connectionNotice, statusOf, type Connection } from "../src/words.ts";

const CONNECTED: Connection = { phase: "open", closeCode: null, isOnline: true };

const answer = (change: Partial<ChatMessage>): ChatMessage => ({
  ...{ id: "1", role: "assistant", text: "", status: "queued", generationId: "g", prompt: "Tell me" },
  ...change,
});

const failed = (code: number | string, change: Partial<ChatMessage> = {}, retryAt: number | null = null) =>
  statusOf(
    answer({
      status: "failed",
      error: { code, message: "What the server said.", retryable: true, retryAt },
      ...change,
    }),
    CONNECTED,
  );

describe("a failed answer", () => {
  test.each([
    ["llm_incomplete", "The answer broke off."],
    ["llm_rejected", "The model did not accept this question."],
    ["content_filtered", "The model declined to answer this: it was filtered."],
    ["context_too_long", "This is too long for the model. Shorten it, please."],
    ["a_code_of_tomorrow", "What the server said."],
  ])("with %s says why", (code, words) => {
    expect(failed(code)).toBe(words);
  });

  test("says that it was never sent", () => {
    expect(failed("unreachable", { generationId: null })).toBe("Not sent. The server does not answer.");
  });

  test("says when it may be tried again, in local time", () => {
    const at = new Date(2030, 0, 1, 14, 3, 20);

    expect(failed("rate_limited", { generationId: null }, at.getTime())).toBe(
      `Not sent. You asked too much in too short a time. Try again at ${at.toLocaleTimeString()}.`,
    );
  });

  test("that was stored without its reason is told all the same", () => {
    expect(statusOf(answer({ status: "failed" }), CONNECTED)).toBe("The answer failed.");
  });

  test("broke off only if it did", () => {
    for (const code of ["llm_rejected", "content_filtered", "unreachable", "expired", "rate_limited", 4003])
      expect(failed(code)).not.toContain("broke off");
  });
});

describe("an answer that is waited for", () => {
  test.each([
    [{ isOnline: false }, "Waiting for the network …"],
    [
      { phase: "waiting", closeCode: 4429 },
      "Too many of your pages are open, so the text comes in steps of a few seconds …",
    ],
    [{}, "Waiting for its turn …"],
  ] as const)("with %o says for what", (change, words) => {
    expect(statusOf(answer({}), { ...CONNECTED, ...change })).toBe(words);
  });
});

describe("a connection", () => {
  test.each([
    [{}, "Connected"],
    [{ isOnline: false }, "Offline"],
    [{ isOnline: false, phase: "waiting" }, "Offline"],
    [{ phase: "waiting" }, "Reconnecting …"],
    [{ phase: "connecting", closeCode: 4429 }, "Waiting for a place"],
    [{ phase: "connecting", closeCode: 1000 }, "Connecting …"],
    [{ phase: "closed", closeCode: 4001 }, "Not connected"],
  ] as const)("with %o is told as it is", (change, short) => {
    expect(connectionNotice({ ...CONNECTED, ...change }).short).toBe(short);
  });
});
