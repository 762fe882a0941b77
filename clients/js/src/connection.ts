/**
 * When to open a socket, when to wait, when to stay away: the life of a connection as a pure state machine.
 *
 * Two things live side by side: the socket in use, and the attempt to open one. Normally only one of them exists; while
 * rolling over, both do, so that there is no moment without a socket. clients/conformance/connection.json tells the same
 * to every client.
 */

import { pause, type Backoff } from "./backoff.ts";
import { ABNORMAL, FATAL, FULL, NORMAL, PAUSING } from "./codes.ts";

export type Phase = "idle" | "connecting" | "open" | "waiting" | "offline" | "closed";

export interface Connection {
  /** There is a socket that was answered. */
  readonly inUse: boolean;
  /** `pausing` may end early, when the page is woken; `held` is a pause that the server asked for. */
  readonly attempt: "none" | "opening" | "pausing" | "held";
  readonly failures: number;
  /** The page is known to have no network. */
  readonly offline: boolean;
  /** Why there will be no further attempt. */
  readonly over: number | string | null;
}

export const IDLE: Connection = { inUse: false, attempt: "none", failures: 0, offline: false, over: null };

export type Happening =
  | { type: "wanted" }
  /** The page closes it. */
  | { type: "unwanted" }
  /** The server answered on the new socket. */
  | { type: "welcomed" }
  /** The server said why it does not let us in. */
  | { type: "refused"; code: number | string; retryAfter?: number | undefined }
  /** The attempt came to nothing, without a reason. */
  | { type: "failed" }
  /** The server said that it closes the socket in use. */
  | { type: "closing"; code: number | undefined }
  /** The socket in use closed. */
  | { type: "lost"; code: number }
  | { type: "rested" }
  /** The page is online, or looked at, again. */
  | { type: "woken" }
  /** The page says that there is no network. */
  | { type: "offline" }
  /** The socket in use will be closed soon. */
  | { type: "aged" }
  /** The socket in use has been good for something. */
  | { type: "proven" };

export type Effect =
  /** Take a ticket and open a socket; with a new token if the present one may be near its end. */
  | { do: "open"; freshToken: boolean }
  /** The new socket takes the place of the one in use. */
  | { do: "adopt" }
  | { do: "drop" }
  | { do: "pause"; ms: number }
  /** Ask the socket in use for a sign of life. */
  | { do: "probe" }
  | { do: "report"; code: number | string };

export interface Reconnect extends Backoff {
  /** Milliseconds; the longest pause while no answer is awaited. 60,000 unless said otherwise. */
  idleCap: number;
  /**
   * Milliseconds, by 0.75 to 1.25 by chance, between attempts while the user holds too many sockets. 15,000 unless said
   * otherwise.
   */
  pauseWhenFull: number;
  /** Milliseconds; a server that asks for a longer pause (`Retry-After`) is asked again after these. 60,000. */
  longestRetryAfter: number;
}

export interface Surroundings extends Readonly<Reconnect> {
  readonly page: { online(): boolean };
  random(): number;
  /** An answer is awaited. */
  isAnswering(): boolean;
}

export type Step = readonly [Connection, readonly Effect[]];

export function phaseOf({ over, inUse, attempt, offline }: Connection): Phase {
  if (!inUse && over !== null) return "closed";
  if (!inUse && attempt === "none") return "idle";
  if (offline) return "offline";
  if (inUse) return "open";
  return attempt === "opening" ? "connecting" : "waiting";
}

/** What only an attempt brings; what comes of one that was given up does not count. */
const OF_AN_ATTEMPT: readonly Happening["type"][] = ["welcomed", "refused", "failed"];

export function step(now: Connection, happening: Happening, around: Surroundings): Step {
  if (now.attempt !== "opening" && OF_AN_ATTEMPT.includes(happening.type)) return [now, []];
  switch (happening.type) {
    case "wanted":
      return wanted(now, around);
    case "unwanted":
      return unwanted(now);
    case "welcomed":
      return [{ ...now, inUse: true, attempt: "none", offline: false }, [{ do: "adopt" }]];
    case "refused":
      return refused(now, happening, around);
    case "failed":
      return again(now, ABNORMAL, around);
    case "closing":
      return closing(now, happening.code, around);
    case "lost":
      return lost(now, happening.code, around);
    case "rested":
      return isResting(now) ? opening(now) : [now, []];
    case "woken":
      return woken({ ...now, offline: !around.page.online() });
    case "offline":
      return [{ ...now, offline: true }, now.inUse ? [{ do: "probe" }] : []];
    case "aged":
      return now.inUse && now.attempt === "none" && now.over === null ? opening(now, true) : [now, []];
    case "proven":
      return [{ ...now, failures: 0 }, []];
  }
}

function isResting({ attempt }: Connection): boolean {
  return attempt === "pausing" || attempt === "held";
}

function opening(now: Connection, freshToken = false): Step {
  return [{ ...now, attempt: "opening", over: null }, [{ do: "open", freshToken }]];
}

function wanted(now: Connection, { page }: Surroundings): Step {
  if (now.inUse && now.over !== null) return opening(now, true);
  if (now.attempt === "pausing") return opening(now);
  if (now.inUse || now.attempt !== "none") return [now, []];
  return opening({ ...IDLE, offline: !page.online() });
}

function unwanted(now: Connection): Step {
  const closed = { ...IDLE, over: now.over ?? NORMAL };
  if (!now.inUse && now.attempt === "none") return [closed, []];
  return [{ ...closed, over: NORMAL }, [{ do: "drop" }, { do: "report", code: NORMAL }]];
}

type Refusal = Extract<Happening, { type: "refused" }>;

function refused(now: Connection, { code, retryAfter = 0 }: Refusal, around: Surroundings): Step {
  if (FATAL.includes(code)) return over(now, code);
  const asked = Math.min(retryAfter, around.longestRetryAfter);
  if (!PAUSING.includes(code)) return again(now, code, around, asked);
  // There is no place for a successor beside the socket in use, so its own place has to do. Nothing is lost by that:
  // the new socket is told every unfinished answer from its start.
  if (now.inUse && code === FULL) return held({ ...now, inUse: false }, around.base, [{ do: "drop" }]);
  const ms = Math.max(asked, whenFull(around));
  return held(now, ms, now.inUse ? [] : [{ do: "report", code }]);
}

function whenFull({ pauseWhenFull, random }: Surroundings): number {
  return pauseWhenFull * (0.75 + 0.5 * random());
}

function held(now: Connection, ms: number, before: readonly Effect[]): Step {
  return [{ ...now, attempt: "held" }, [...before, { do: "pause", ms }]];
}

function closing(now: Connection, code: number | undefined, around: Surroundings): Step {
  if (!now.inUse || now.over !== null) return [now, []];
  const leaving: Effect[] = [{ do: "drop" }, { do: "report", code: code! }];
  // Closed from another place, on the user's own wish.
  if (code === NORMAL) return [{ ...IDLE, over: code }, leaving];
  // Closed to make room for a newer socket, which one that came back at once would push out.
  if (code === FULL) return held({ ...now, inUse: false }, whenFull(around), leaving);
  return now.attempt === "opening" ? [now, []] : opening(now, true);
}

function lost(now: Connection, code: number, around: Surroundings): Step {
  const alone = { ...now, inUse: false };
  if (now.over !== null) return [alone, []];
  if (now.attempt !== "none") return [alone, [{ do: "report", code }]];
  return again(alone, code, around);
}

/** Try again after a pause, or when the page is online again; for ever, because what is away comes back. */
function again(now: Connection, code: number | string, around: Surroundings, asked = 0): Step {
  const offline = !around.page.online();
  const failures = offline ? 0 : now.failures + 1;
  const cap = around.isAnswering() ? around.cap : around.idleCap;
  const ms = offline ? around.idleCap : pause(failures, { base: around.base, cap }, around.random());
  const report: Effect[] = now.inUse ? [] : [{ do: "report", code }];
  return [
    { ...now, attempt: "pausing", failures, offline },
    [...report, { do: "pause", ms: Math.max(ms, asked) }],
  ];
}

/** A socket in use may go on until it closes; only its successor will not come. */
function over(now: Connection, code: number | string): Step {
  return [{ ...now, attempt: "none", over: code }, [{ do: "report", code }]];
}

function woken(now: Connection): Step {
  const probe: Effect[] = now.inUse ? [{ do: "probe" }] : [];
  if (now.attempt !== "pausing") return [now, probe];
  const [next, effects] = opening(now);
  return [next, [...probe, ...effects]];
}
