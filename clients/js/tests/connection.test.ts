import { describe, expect, test } from "vitest";
import { IDLE, phaseOf, step } from "../src/connection.ts";
import type { Connection, Effect, Happening, Surroundings } from "../src/connection.ts";
import { RECONNECT } from "../src/options.ts";

const page = { online: () => true };
const around: Surroundings = { ...RECONNECT, page, random: () => 0.5, isAnswering: () => true };
const offline = { page: { online: () => false } };

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
const woken: Happening = { type: "woken" };
const wentOffline: Happening = { type: "offline" };
const unwanted: Happening = { type: "unwanted" };
const open = { do: "open", freshToken: false };

// What is the same for every client stands in clients/conformance/connection.json. This is what a page has besides.
describe("a connection of a page", () => {
  test("is offline as soon as the page says so, and asks whether its socket lives", () => {
    expect(after([wanted, welcomed, wentOffline])).toMatchObject({
      phase: "offline",
      effects: [{ do: "probe" }],
    });
    expect(after([wanted, failed, wentOffline]).phase).toBe("offline");
  });

  test("is no more offline when the page is online again, or the server answered on a new socket", () => {
    expect(after([wanted, welcomed, wentOffline, woken]).phase).toBe("open");
    expect(after([wanted, failed, wentOffline, woken])).toMatchObject({
      phase: "connecting",
      effects: [open],
    });
    expect(after([wanted, wentOffline, welcomed], offline).phase).toBe("open");
  });

  test("stays offline when it is only looked at", () => {
    expect(after([wanted, failed, woken], offline)).toMatchObject({ phase: "offline", effects: [open] });
  });

  test("tries seldom and without counting while there is no network, because a page may be wrong about that", () => {
    const { state, effects, phase } = after(
      [wanted, ...Array(9).fill([failed, woken]).flat(), failed],
      offline,
    );

    expect(phase).toBe("offline");
    expect(effects).toEqual([
      { do: "report", code: 1006 },
      { do: "pause", ms: 60_000 },
    ]);
    expect(state.failures).toBe(0);
  });

  test("that was never opened, or is closed already, is closed without a word", () => {
    expect(after([unwanted])).toMatchObject({ phase: "closed", effects: [] });
    expect(after([wanted, welcomed, unwanted, unwanted])).toMatchObject({ phase: "closed", effects: [] });
    expect(after([wanted, welcomed, wentOffline, unwanted]).phase).toBe("closed");
  });
});
