/**
 * The connection as a pure state machine: when to open a socket, when to wait, when to stay closed.
 *
 * The state has two parts: the socket in use, and the attempt to open one. Normally only one of them exists; while
 * rolling over, both do, so that there is no moment without a socket. clients/conformance/connection.json specifies the
 * same for every client.
 */

import { ABNORMAL, FATAL_CODES, NORMAL, PAUSING_CODES, TOO_MANY_SOCKETS } from "./codes.ts";
import type { ConnectionEvent, Effect } from "./connection-events.ts";
import { backoff, type Reconnect } from "./retry.ts";

export type Phase = "idle" | "connecting" | "open" | "waiting" | "offline" | "closed";

export interface Connection {
  /** The server has answered on a socket. */
  readonly inUse: boolean;
  /** A wake ends `pausing` early; `held` is a pause that the server asked for. */
  readonly attempt: "none" | "opening" | "pausing" | "held";
  readonly failures: number;
  /** The page is known to have no network. */
  readonly offline: boolean;
  /** The code after which there is no further attempt; null while there are attempts. */
  readonly closeCode: number | string | null;
}

export const IDLE: Connection = {
  inUse: false,
  attempt: "none",
  failures: 0,
  offline: false,
  closeCode: null,
};

/** The settings and facts that decide a transition. */
export interface ConnectionRules extends Readonly<Reconnect> {
  readonly page: { online(): boolean };
  random(): number;
  /** An answer is awaited. */
  isAnswering(): boolean;
}

export type Step = readonly [Connection, readonly Effect[]];

export function phaseOf({ closeCode, inUse, attempt, offline }: Connection): Phase {
  if (!inUse && closeCode !== null) return "closed";
  if (!inUse && attempt === "none") return "idle";
  if (offline) return "offline";
  if (inUse) return "open";
  return attempt === "opening" ? "connecting" : "waiting";
}

/** Events of an attempt; those of an abandoned one are ignored. */
const ATTEMPT_OUTCOMES: readonly ConnectionEvent["type"][] = ["connected", "refused", "failed"];

export function step(state: Connection, event: ConnectionEvent, rules: ConnectionRules): Step {
  if (state.attempt !== "opening" && ATTEMPT_OUTCOMES.includes(event.type)) return [state, []];
  switch (event.type) {
    case "wanted":
      return wanted(state, rules);
    case "unwanted":
      return unwanted(state);
    case "connected":
      return [{ ...state, inUse: true, attempt: "none", offline: false }, [{ do: "adopt" }]];
    case "refused":
      return refused(state, event, rules);
    case "failed":
      return retryLater(state, ABNORMAL, rules);
    case "closing":
      return closing(state, event.code, rules);
    case "lost":
      return lost(state, event.code, rules);
    case "retry-due":
      return isPaused(state) ? opening(state) : [state, []];
    case "wake":
      return wake({ ...state, offline: !rules.page.online() });
    case "offline":
      return [{ ...state, offline: true }, state.inUse ? [{ do: "probe" }] : []];
    case "expiring":
      return state.inUse && state.attempt === "none" && state.closeCode === null
        ? opening(state, true)
        : [state, []];
    case "stable":
      return [{ ...state, failures: 0 }, []];
  }
}

function isPaused({ attempt }: Connection): boolean {
  return attempt === "pausing" || attempt === "held";
}

function opening(state: Connection, freshToken = false): Step {
  return [{ ...state, attempt: "opening", closeCode: null }, [{ do: "open", freshToken }]];
}

function wanted(state: Connection, { page }: ConnectionRules): Step {
  if (state.inUse && state.closeCode !== null) return opening(state, true);
  if (state.attempt === "pausing") return opening(state);
  if (state.inUse || state.attempt !== "none") return [state, []];
  return opening({ ...IDLE, offline: !page.online() });
}

function unwanted(state: Connection): Step {
  const closed = { ...IDLE, closeCode: state.closeCode ?? NORMAL };
  if (!state.inUse && state.attempt === "none") return [closed, []];
  return [{ ...closed, closeCode: NORMAL }, [{ do: "drop" }, { do: "report", code: NORMAL }]];
}

type Refusal = Extract<ConnectionEvent, { type: "refused" }>;

function refused(state: Connection, { code, retryAfter = 0 }: Refusal, rules: ConnectionRules): Step {
  if (FATAL_CODES.includes(code)) return refusedForGood(state, code);
  const asked = Math.min(retryAfter, rules.longestRetryAfter);
  if (!PAUSING_CODES.includes(code)) return retryLater(state, code, rules, asked);
  // The user has no slot for a successor, so the socket in use gives up its own. Nothing is lost by that: the server
  // repeats every unfinished answer from its start on the new socket.
  if (state.inUse && code === TOO_MANY_SOCKETS)
    return held({ ...state, inUse: false }, rules.base, [{ do: "drop" }]);
  const ms = Math.max(asked, fullPause(rules));
  return held(state, ms, state.inUse ? [] : [{ do: "report", code }]);
}

function fullPause({ pauseWhenFull, random }: ConnectionRules): number {
  return pauseWhenFull * (0.75 + 0.5 * random());
}

function held(state: Connection, ms: number, first: readonly Effect[]): Step {
  return [{ ...state, attempt: "held" }, [...first, { do: "pause", ms }]];
}

function closing(state: Connection, code: number | undefined, rules: ConnectionRules): Step {
  if (!state.inUse || state.closeCode !== null) return [state, []];
  const closed: Effect[] = [{ do: "drop" }, { do: "report", code: code! }];
  // The user closed it from another place.
  if (code === NORMAL) return [{ ...IDLE, closeCode: code }, closed];
  // Closed to make room for a newer socket; reconnecting at once would push that one out.
  if (code === TOO_MANY_SOCKETS) return held({ ...state, inUse: false }, fullPause(rules), closed);
  return state.attempt === "opening" ? [state, []] : opening(state, true);
}

function lost(state: Connection, code: number, rules: ConnectionRules): Step {
  const withoutSocket = { ...state, inUse: false };
  if (state.closeCode !== null) return [withoutSocket, []];
  if (state.attempt !== "none") return [withoutSocket, [{ do: "report", code }]];
  return retryLater(withoutSocket, code, rules);
}

/** Try again after a pause, or when the page is online again; without limit, because an outage ends. */
function retryLater(state: Connection, code: number | string, rules: ConnectionRules, asked = 0): Step {
  const offline = !rules.page.online();
  const failures = offline ? 0 : state.failures + 1;
  const cap = rules.isAnswering() ? rules.cap : rules.idleCap;
  const ms = offline ? rules.idleCap : backoff(failures, { base: rules.base, cap }, rules.random());
  const report: Effect[] = state.inUse ? [] : [{ do: "report", code }];
  return [
    { ...state, attempt: "pausing", failures, offline },
    [...report, { do: "pause", ms: Math.max(ms, asked) }],
  ];
}

/** A socket in use stays until it closes; only its successor is not opened. */
function refusedForGood(state: Connection, code: number | string): Step {
  return [{ ...state, attempt: "none", closeCode: code }, [{ do: "report", code }]];
}

function wake(state: Connection): Step {
  const probe: Effect[] = state.inUse ? [{ do: "probe" }] : [];
  if (state.attempt !== "pausing") return [state, probe];
  const [next, effects] = opening(state);
  return [next, [...probe, ...effects]];
}
