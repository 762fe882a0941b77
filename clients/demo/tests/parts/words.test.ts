import type { ChatMessage } from "framestream/react";
import { describe, expect, test } from "vitest";
import { dollars } from "../../src/money.ts";
import { budgetLines } from "../../src/chats/budget-words.ts";
import { connectionNotice, contextWords, factsOf, statusOf, type Connection } from "../../src/words.ts";

const CONNECTED: Connection = { phase: "open", closeCode: null, isOnline: true };

const answer = (change: Partial<ChatMessage>): ChatMessage => ({
  ...{ id: "1", role: "assistant", text: "", status: "queued", generationId: "g", prompt: "Tell me" },
  ...change,
});

const NOW = new Date(2030, 0, 1, 12);

const failed = (code: number | string, change: Partial<ChatMessage> = {}, retryAt: number | null = null) =>
  statusOf(
    answer({
      status: "failed",
      error: { code, message: "What the server said.", retryable: true, retryAt },
      ...change,
    }),
    CONNECTED,
    NOW,
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
    const at = new Date(2030, 0, 1, 12, 3, 20);

    expect(failed("rate_limited", { generationId: null }, at.getTime())).toBe(
      `Not sent. You asked too much in too short a time. Try again at ${at.toLocaleTimeString()}.`,
    );
  });

  test("says on which day, unless that is today", () => {
    const at = new Date(2030, 0, 2, 1);

    expect(failed("budget_exceeded", { generationId: null }, at.getTime())).toBe(
      `Not sent. The budget for answers is used up. Try again on Wednesday, January 2 at ${at.toLocaleTimeString(undefined, { timeStyle: "short" })}.`,
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

describe("a budget", () => {
  const period = {
    ...{ period: "2030-01-01", used_tokens: 700, held_tokens: 100, limit_tokens: null },
    ...{ used_cost: 1_200_000, held_cost: 0, limit_cost: null, is_warned: true },
    resets_at: new Date(2030, 0, 2).toISOString(),
  };

  test("without a limit is not told", () => {
    expect(budgetLines("Today", period, NOW)).toEqual([]);
  });

  test("counts what is held as used", () => {
    const [line] = budgetLines("Today", { ...period, limit_tokens: 1000 }, NOW);

    expect(line).toMatchObject({ share: 80, words: "800 of 1,000 tokens", isWarned: true });
  });

  test("has a line for each of its limits", () => {
    const lines = budgetLines("Today", { ...period, limit_tokens: 1000, limit_cost: 5_000_000 }, NOW);

    expect(lines.map(({ words }) => words)).toEqual(["800 of 1,000 tokens", "$1.20 of $5.00"]);
    expect(lines.map(({ isWarned }) => isWarned)).toEqual([true, false]);
  });

  test("of nothing is used up, and one that is overdrawn is full", () => {
    const shareOf = (limit_tokens: number) =>
      budgetLines("Today", { ...period, limit_tokens }, NOW)[0]!.share;

    expect([shareOf(0), shareOf(100)]).toEqual([100, 100]);
  });

  test.each([
    [0, "$0.00"],
    [35, "$0.000035"],
    [2140, "$0.0021"],
    [1_500_000, "$1.50"],
  ])("of %i millionths of a dollar is %s", (micros, words) => {
    expect(dollars(micros)).toBe(words);
  });
});

describe("an answer's facts", () => {
  test("are told as far as they are known", () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 200, total_tokens: 1200 };

    expect(factsOf(answer({ model: "otter-1", usage, cost: 2140 }))).toBe("otter-1 · 1,200 tokens · $0.0021");
    expect(factsOf(answer({}))).toBe("");
  });

  test("say what the model did not see of the conversation", () => {
    expect(contextWords({ turns: 4, summarised: 2, dropped: 1 })).toBe(
      "The model saw the last 4 questions, a summary of 2 older ones, nothing of 1 older one.",
    );
    expect([contextWords({ turns: 4, summarised: 0, dropped: 0 }), contextWords(null)]).toEqual(["", ""]);
  });
});
