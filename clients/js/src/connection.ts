/**
 * When to open a socket, when to wait, when to give up: the life of a connection as a pure state machine.
 *
 * Two things live side by side: the socket in use, and the attempt to open one. Normally only one of them exists; while
 * rolling over, both do, so that there is no moment without a socket.
 */

import { pause, type Backoff } from "./backoff.ts";

/** A socket went away, or no answer came: what browsers report when they know no reason. */
export const ABNORMAL = 1006;
export const NORMAL = 1000;
export const FULL = 4429;
const HOPELESS = [4000, 4001, 4003];

export type Phase = "idle" | "connecting" | "open" | "waiting" | "closed";

export interface Connection {
  /** There is a socket that was answered. */
  readonly inUse: boolean;
  /** `offline` waits for the page to be woken, not for a timer. */
  readonly attempt: "none" | "opening" | "pausing" | "offline";
  readonly failures: number;
  /** Why there will be no further attempt. */
  readonly over: number | null;
}

export const IDLE: Connection = { inUse: false, attempt: "none", failures: 0, over: null };

export type Happening =
  | { type: "wanted" }
  /** The page closes it, or the server closed it on purpose. */
  | { type: "unwanted"; code: number }
  /** The server answered on the new socket. */
  | { type: "welcomed" }
  /** The server said why it does not let us in. */
  | { type: "refused"; code: number; retryAfter?: number | undefined }
  /** The attempt came to nothing, without a reason. */
  | { type: "failed" }
  /** The socket in use closed. */
  | { type: "lost"; code: number }
  | { type: "rested" }
  /** The page is online, or looked at, again. */
  | { type: "woken" }
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
  | { do: "report"; code: number };

export interface Reconnect extends Backoff {
  /** After so many in a row, the connection is given up. */
  attempts: number;
  /** Milliseconds between attempts while the user holds too many sockets. */
  pauseWhenFull: number;
}

export interface Surroundings extends Readonly<Reconnect> {
  readonly page: { online(): boolean };
  random(): number;
}

export type Step = readonly [Connection, readonly Effect[]];

export function phaseOf({ over, inUse, attempt }: Connection): Phase {
  if (inUse) return "open";
  if (over !== null) return "closed";
  if (attempt === "none") return "idle";
  return attempt === "opening" ? "connecting" : "waiting";
}

export function step(now: Connection, happening: Happening, around: Surroundings): Step {
  switch (happening.type) {
    case "wanted":
      return now.inUse || now.attempt !== "none" ? [now, []] : opening(IDLE);
    case "unwanted":
      return [{ ...IDLE, over: happening.code }, [{ do: "drop" }, { do: "report", code: happening.code }]];
    case "welcomed":
      return [{ ...now, inUse: true, attempt: "none" }, [{ do: "adopt" }]];
    case "refused":
      return refused(now, happening, around);
    case "failed":
      return again({ ...now, failures: now.failures + 1 }, around);
    case "lost":
      return lost(now, happening.code, around);
    case "rested":
      return now.attempt === "pausing" ? opening(now) : [now, []];
    case "woken":
      return woken(now);
    case "aged":
      return now.inUse && now.attempt === "none" ? opening(now, true) : [now, []];
    case "proven":
      return [{ ...now, failures: 0 }, []];
  }
}

function opening(now: Connection, freshToken = false): Step {
  return [{ ...now, attempt: "opening" }, [{ do: "open", freshToken }]];
}

type Refusal = Extract<Happening, { type: "refused" }>;

function refused(now: Connection, { code, retryAfter }: Refusal, around: Surroundings): Step {
  if (HOPELESS.includes(code)) return over(now, code);
  if (code !== FULL) return again({ ...now, failures: now.failures + 1 }, around);
  // There is no place for a successor beside the socket in use, so its own place has to do. Nothing is lost by that:
  // the new socket is told every unfinished answer from its start.
  if (now.inUse) {
    return [{ ...now, inUse: false, attempt: "pausing" }, [{ do: "drop" }, { do: "pause", ms: around.base }]];
  }
  const ms = retryAfter ?? around.pauseWhenFull * (0.5 + 0.5 * around.random());
  return [
    { ...now, attempt: "pausing" },
    [
      { do: "report", code },
      { do: "pause", ms },
    ],
  ];
}

function lost(now: Connection, code: number, around: Surroundings): Step {
  const alone = { ...now, inUse: false };
  if (now.over !== null) return [alone, []];
  if (now.attempt !== "none") return [alone, [{ do: "report", code }]];
  const [next, effects] = again({ ...alone, failures: now.failures + 1 }, around);
  return [next, [{ do: "report", code }, ...effects]];
}

/** Try again after a pause, or when the page is online again; or not, after too many failures. */
function again(now: Connection, around: Surroundings): Step {
  if (!around.page.online()) return [{ ...now, attempt: "offline", failures: 0 }, []];
  if (now.failures > around.attempts) return over(now, ABNORMAL);
  const ms = pause(now.failures, around, around.random());
  return [{ ...now, attempt: "pausing" }, [{ do: "pause", ms }]];
}

/** A socket in use may go on until it closes; only its successor will not come. */
function over(now: Connection, code: number): Step {
  return [{ ...now, attempt: "none", over: code }, [{ do: "report", code }]];
}

function woken(now: Connection): Step {
  if (now.over === ABNORMAL) return opening({ ...now, failures: 0, over: null });
  if (now.over !== null) return [now, []];
  if (now.attempt === "pausing" || now.attempt === "offline") return opening(now);
  return [now, now.inUse ? [{ do: "probe" }] : []];
}
