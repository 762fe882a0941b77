import { describe, expect, test } from "vitest";
import { pause } from "../src/backoff.ts";
import {
  IDLE,
  phaseOf,
  step,
  type Connection,
  type Effect,
  type Happening,
  type Surroundings,
} from "../src/connection.ts";

const backoff = { base: 1000, cap: 30_000 };
const page = { online: () => true };
const around: Surroundings = { attempts: 5, ...backoff, pauseWhenFull: 15_000, page, random: () => 0.5 };

/** Tell a connection a story; what it does at the last of it, and what it is then. */
function after(happenings: Happening[], surroundings: Partial<Surroundings> = {}) {
  let state: Connection = IDLE;
  let effects: readonly Effect[] = [];
  for (const happening of happenings)
    [state, effects] = step(state, happening, { ...around, ...surroundings });
  return { state, effects, phase: phaseOf(state) };
}

const wanted: Happening = { type: "wanted" };
const welcomed: Happening = { type: "welcomed" };
const failed: Happening = { type: "failed" };
const rested: Happening = { type: "rested" };
const woken: Happening = { type: "woken" };
const aged: Happening = { type: "aged" };
const lost: Happening = { type: "lost", code: 1006 };
const refused = (code: number): Happening => ({ type: "refused", code });
const open = { do: "open", freshToken: false };

describe("pauses", () => {
  test("double up to a cap, and are jittered over their whole length", () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((failures) => pause(failures, backoff, 1))).toEqual([
      1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
    ]);
    expect(pause(3, backoff, 0)).toBe(0);
    expect(pause(3, backoff, 0.25)).toBe(1000);
  });
});

describe("a connection", () => {
  test("opens when it is wanted, once", () => {
    expect(after([wanted]).effects).toEqual([open]);
    expect(after([wanted, wanted]).effects).toEqual([]);
    expect(after([wanted, welcomed, wanted]).effects).toEqual([]);
  });

  test("comes back after it was lost", () => {
    const { effects, phase } = after([wanted, welcomed, lost]);

    expect(effects).toEqual([
      { do: "report", code: 1006 },
      { do: "pause", ms: 500 },
    ]);
    expect(phase).toBe("waiting");
    expect(after([wanted, welcomed, lost, rested]).effects).toEqual([open]);
  });

  test("gives up after five attempts in a row", () => {
    const five = Array.from({ length: 5 }, () => [failed, rested]).flat();

    expect(after([wanted, ...five]).phase).toBe("connecting");
    expect(after([wanted, ...five, failed])).toMatchObject({
      phase: "closed",
      effects: [{ do: "report", code: 1006 }],
    });
  });

  test("forgets its failures once the socket has proven good", () => {
    const five = Array.from({ length: 5 }, () => [failed, rested]).flat();

    const { state } = after([wanted, ...five, welcomed, { type: "proven" }, lost]);

    expect(state).toMatchObject({ failures: 1, attempt: "pausing" });
  });

  test("does not forget them only because it was let in, or a server that drops everybody would be stormed", () => {
    const flapping = Array.from({ length: 6 }, () => [welcomed, lost, rested]).flat();

    expect(after([wanted, ...flapping]).phase).toBe("closed");
  });

  test.each([4000, 4001, 4003])("does not try again what %i refused", (code) => {
    const { effects, phase } = after([wanted, refused(code)]);

    expect(effects).toEqual([{ do: "report", code }]);
    expect(phase).toBe("closed");
    expect(after([wanted, refused(code), woken]).effects).toEqual([]);
    expect(after([wanted, refused(code), wanted]).effects).toEqual([open]);
  });

  test("waits for a place as long as it takes", () => {
    const many = Array.from({ length: 50 }, () => [refused(4429), rested]).flat();

    expect(after([wanted, refused(4429)]).effects).toEqual([
      { do: "report", code: 4429 },
      { do: "pause", ms: 11_250 },
    ]);
    expect(after([wanted, ...many]).phase).toBe("connecting");
    expect(after([wanted, { type: "refused", code: 4429, retryAfter: 7000 }]).effects).toContainEqual({
      do: "pause",
      ms: 7000,
    });
  });

  test("tries again when the server asks for patience", () => {
    expect(after([wanted, refused(1013)]).effects).toEqual([{ do: "pause", ms: 500 }]);
  });

  test("waits without counting while the page is offline, and is woken", () => {
    const offline = after([wanted, ...Array.from({ length: 9 }, () => [failed, woken]).flat(), failed], {
      page: { online: () => false },
    });

    expect(offline.effects).toEqual([]);
    expect(offline.phase).toBe("waiting");
    expect(step(offline.state, woken, around)[1]).toEqual([open]);
  });

  test("does not sit out a pause once the page is looked at again", () => {
    expect(after([wanted, failed, woken]).effects).toEqual([open]);
  });

  test("makes sure that it lives when the page is looked at again", () => {
    expect(after([wanted, welcomed, woken]).effects).toEqual([{ do: "probe" }]);
  });

  test("tries once more when the page wakes after it had given up", () => {
    const six = Array.from({ length: 6 }, () => [failed, rested]).flat();

    expect(after([wanted, ...six, woken]).effects).toEqual([open]);
  });

  test("has its successor before it goes", () => {
    expect(after([wanted, welcomed, aged])).toMatchObject({
      phase: "open",
      effects: [{ do: "open", freshToken: true }],
    });
    expect(after([wanted, welcomed, aged, welcomed])).toMatchObject({
      phase: "open",
      effects: [{ do: "adopt" }],
    });
  });

  test("stays in use while its successor fails to come", () => {
    expect(after([wanted, welcomed, aged, failed])).toMatchObject({
      phase: "open",
      effects: [{ do: "pause", ms: 500 }],
    });
    expect(after([wanted, welcomed, aged, failed, lost])).toMatchObject({ phase: "waiting" });
    expect(after([wanted, welcomed, aged, lost])).toMatchObject({ phase: "connecting" });
  });

  test("gives its own place to its successor when there is no other", () => {
    const { effects, phase } = after([wanted, welcomed, aged, refused(4429)]);

    expect(effects).toEqual([{ do: "drop" }, { do: "pause", ms: 1000 }]);
    expect(phase).toBe("waiting");
  });

  test("stays closed when it is not wanted any more", () => {
    const { effects, phase } = after([wanted, welcomed, { type: "unwanted", code: 1000 }]);

    expect(effects).toEqual([{ do: "drop" }, { do: "report", code: 1000 }]);
    expect(phase).toBe("closed");
    expect(after([wanted, welcomed, { type: "unwanted", code: 1000 }, woken]).effects).toEqual([]);
  });
});
