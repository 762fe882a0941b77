import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasGap, merge, NOTHING } from "../src/answer.ts";
import * as codes from "../src/codes.ts";
import { IDLE, phaseOf, step } from "../src/connection.ts";
import type { Connection, ConnectionRules } from "../src/connection.ts";
import type { ConnectionEvent, Effect } from "../src/connection-events.ts";
import { environment } from "../src/environment.ts";
import type { FrameStreamError } from "../src/errors.ts";
import { STORING } from "../src/generation-tracker.ts";
import { httpApi } from "../src/http.ts";
import type { GenerationState } from "../src/wire.ts";
import { messageFrom, type GenerationMessage } from "../src/messages.ts";
import { DEFAULTS, RECONNECT } from "../src/options.ts";
import { inOrder, isMissingPart, mergePart, NO_PARTS, withoutText, type Parts } from "../src/parts.ts";
import { advance, catchUp, isEnd, isIncomplete, START } from "../src/progress.ts";
import { LINGER, LONGEST_MARGIN, STABLE } from "../src/reconnecting-socket.ts";
import { FEW_ATTEMPTS } from "../src/retry.ts";
import { Tokens } from "../src/tokens.ts";
import { TOKEN } from "./support/client.ts";

function vectors(name: string) {
  return JSON.parse(readFileSync(new URL(`../../conformance/${name}.json`, import.meta.url), "utf8"));
}

describe("text that is put together", () => {
  test.for<any>(vectors("merge").cases)("$description", ({ pieces, expect: expected }) => {
    const answer = pieces.reduce(merge, NOTHING);

    const { attempt, text, known } = answer;
    expect({ attempt, text, known, gap: hasGap(answer) }).toEqual(expected);
  });
});

describe("parts that are put together", () => {
  const plain = ({ index, kind, text, ...document }: any) => {
    const said = Object.entries(document).filter(([, value]) => value !== null);
    return text === undefined ? { index, kind, document: Object.fromEntries(said) } : { index, kind, text };
  };

  test.for<any>(vectors("parts").cases)("$description", ({ pieces, text, expect: expected }) => {
    const parts = (pieces as any[]).reduce<Parts>(
      (before, piece) => (piece.delta === null ? withoutText : mergePart)(before, piece),
      NO_PARTS,
    );

    expect({ missing: isMissingPart(parts), parts: inOrder(text, parts).map(plain) }).toEqual(expected);
  });
});

describe("what is known of an answer", () => {
  test.for<any>(vectors("progress").cases)("$description", ({ inputs, expect: expected }) => {
    let progress = START;
    for (const { message, snapshot } of inputs) {
      [progress] = message
        ? advance(progress, message as GenerationMessage)
        : catchUp(progress, snapshot as GenerationState);
    }

    expect({
      attempt: progress.answer.attempt,
      text: progress.answer.text,
      status: progress.status,
      ended: isEnd(progress.status),
      incomplete: isIncomplete(progress),
      error: progress.error?.code ?? null,
    }).toEqual(expected);
  });
});

describe("a frame", () => {
  test.for<any>(vectors("progress").frames.cases)("$description", ({ text, binary, is_message }) => {
    expect(messageFrom(text ?? new TextEncoder().encode(binary)) !== null).toBe(is_message);
  });
});

/** The one event with another name in the vectors. */
const EVENT_NAMES: Record<string, ConnectionEvent["type"]> = { pause_over: "retry-due" };

function eventFrom({ type, retry_after, ...fields }: any): ConnectionEvent {
  const retryAfter = retry_after === undefined ? undefined : retry_after * 1000;
  return { type: EVENT_NAMES[type] ?? type, retryAfter, ...fields };
}

function effect(told: Effect): object {
  if (told.do === "open") return { do: "open", fresh_token: told.freshToken };
  return told.do === "pause" ? { do: "pause", seconds: told.ms / 1000 } : told;
}

describe("a connection", () => {
  const { rules: neutral, cases } = vectors("connection");
  const settings = {
    base: neutral.base * 1000,
    cap: neutral.cap * 1000,
    idleCap: neutral.idle_cap * 1000,
    pauseWhenFull: neutral.pause_when_full * 1000,
    longestRetryAfter: neutral.longest_retry_after * 1000,
  };

  test.for<any>(cases)("$description", ({ answering, random, steps }) => {
    const page = { online: () => true };
    const rules: ConnectionRules = { ...settings, page, random: () => random, isAnswering: () => answering };
    let state: Connection = IDLE;
    for (const { event, phase, effects } of steps) {
      const [next, told] = step(state, eventFrom(event), rules);
      state = next;
      expect({ event, phase: phaseOf(state), effects: told.map(effect) }).toEqual({ event, phase, effects });
    }
  });
});

describe("a code", () => {
  const { prompts, words, reads, refusals, handshakes } = vectors("codes");

  test.for<any>(prompts.cases)("of a prompt: $status, $why", ({ status, retry, few = false }) => {
    const policy = codes.retryPolicyOf(status ?? 0);

    expect([policy !== "never", policy === "few"]).toEqual([retry, few]);
  });

  test.for<any>(words.cases)("with a word: $code, $why", async ({ status, code, retry, tells }) => {
    const told = { generation_id: "g", chat_version: 7, resets_at: "2026-12-01T00:00:00.000Z", limit: "day" };
    const fetch = () => Promise.resolve(Response.json({ status, code, ...told }, { status }));
    const { clock } = environment();
    const tokens = new Tokens(() => TOKEN, 1000, { ...environment(), fetch });
    const http = httpApi({ httpUrl: "https://server", requestTimeout: 1000 }, tokens, { fetch, clock });

    const error: any = await http
      .submit({ chatId: "otters", prompt: "Tell me" }, "key")
      .catch((error) => error);

    expect(error).toMatchObject({ code, status, retryable: retry });
    const { generationId: generation_id, chatVersion: chat_version, limit } = error as FrameStreamError;
    const here: any = {
      generation_id,
      chat_version,
      limit,
      resets_at: new Date(error.resetsAt).toISOString(),
    };
    for (const name of tells) expect(here[name]).toBe(told[name as keyof typeof told]);
  });

  test("of a read ends an answer only if it is final", () => {
    expect(codes.FATAL_READ_STATUSES).toEqual(reads.fatal);
  });

  test.for<any>(refusals.cases)("of a refusal: $code, $why", ({ code, fatal, pause }) => {
    expect([codes.FATAL_CODES.includes(code), codes.PAUSING_CODES.includes(code)]).toEqual([fatal, pause]);
  });

  // A page cannot see the status of a handshake; the client learns it from the ticket call before. There, unlike at a
  // handshake, a 403 is the server's own.
  const tickets = handshakes.cases.filter(({ status }: any) => status !== 403);

  test.for<any>(tickets)("of a refused ticket without a body: $status", ({ status, code }) => {
    expect(codes.CODE_BY_STATUS[status] ?? null).toBe(code);
  });

  test("of a refused ticket without a body: 403, which is final", () => {
    expect(codes.FATAL_CODES).toContain(codes.CODE_BY_STATUS[403]);
  });
});

test("the defaults are the same for every client", () => {
  const inSeconds = (ms: number) => ms / 1000;
  const { few_attempts, ...seconds } = Object.fromEntries(
    Object.entries<any>(vectors("defaults"))
      .filter(([name]) => name !== "description")
      .map(([name, { value }]) => [name, value]),
  );

  expect(few_attempts).toBe(FEW_ATTEMPTS);
  expect(seconds).toEqual({
    base: inSeconds(RECONNECT.base),
    cap: inSeconds(RECONNECT.cap),
    idle_cap: inSeconds(RECONNECT.idleCap),
    pause_when_full: inSeconds(RECONNECT.pauseWhenFull),
    longest_retry_after: inSeconds(RECONNECT.longestRetryAfter),
    heartbeat: inSeconds(DEFAULTS.heartbeat),
    patience: inSeconds(DEFAULTS.patience),
    request_timeout: inSeconds(DEFAULTS.requestTimeout),
    token_timeout: inSeconds(DEFAULTS.tokenTimeout),
    stall_timeout: inSeconds(DEFAULTS.stallTimeout),
    poll_interval: inSeconds(DEFAULTS.pollInterval),
    storing: inSeconds(STORING),
    stable: inSeconds(STABLE),
    linger: inSeconds(LINGER),
    longest_margin: inSeconds(LONGEST_MARGIN),
  });
});
