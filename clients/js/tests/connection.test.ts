import { describe, expect, test } from "vitest";
import { IDLE, phaseOf, step } from "../src/connection.ts";
import type { Connection, ConnectionRules } from "../src/connection.ts";
import type { ConnectionEvent, Effect } from "../src/connection-events.ts";
import { RECONNECT } from "../src/options.ts";

const page = { online: () => true };
const rules: ConnectionRules = { ...RECONNECT, page, random: () => 0.5, isAnswering: () => true };
const offline = { page: { online: () => false } };

/** Apply events in turn: the state and the phase at the end, and the effects of the last event. */
function after(events: ConnectionEvent[], changed: Partial<ConnectionRules> = {}) {
  let state: Connection = IDLE;
  let effects: readonly Effect[] = [];
  for (const event of events) [state, effects] = step(state, event, { ...rules, ...changed });
  return { state, effects, phase: phaseOf(state) };
}

const wanted: ConnectionEvent = { type: "wanted" };
const connected: ConnectionEvent = { type: "connected" };
const failed: ConnectionEvent = { type: "failed" };
const wake: ConnectionEvent = { type: "wake" };
const wentOffline: ConnectionEvent = { type: "offline" };
const unwanted: ConnectionEvent = { type: "unwanted" };
const open = { do: "open", freshToken: false };

// What is the same for every client stands in clients/conformance/connection.json. This is what a page has besides.
describe("a connection of a page", () => {
  test("is offline as soon as the page says so, and asks whether its socket lives", () => {
    expect(after([wanted, connected, wentOffline])).toMatchObject({
      phase: "offline",
      effects: [{ do: "probe" }],
    });
    expect(after([wanted, failed, wentOffline]).phase).toBe("offline");
  });

  test("is no more offline when the page is online again, or the server answered on a new socket", () => {
    expect(after([wanted, connected, wentOffline, wake]).phase).toBe("open");
    expect(after([wanted, failed, wentOffline, wake])).toMatchObject({
      phase: "connecting",
      effects: [open],
    });
    expect(after([wanted, wentOffline, connected], offline).phase).toBe("open");
  });

  test("stays offline when it only becomes visible", () => {
    expect(after([wanted, failed, wake], offline)).toMatchObject({ phase: "offline", effects: [open] });
  });

  test("tries seldom and without counting while there is no network, because a page may be wrong about that", () => {
    const { state, effects, phase } = after(
      [wanted, ...Array(9).fill([failed, wake]).flat(), failed],
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
    expect(after([wanted, connected, unwanted, unwanted])).toMatchObject({ phase: "closed", effects: [] });
    expect(after([wanted, connected, wentOffline, unwanted]).phase).toBe("closed");
  });
});
