/**
 * What statuses and codes mean for a client: which failures pass by themselves, and which are the end.
 *
 * clients/conformance/codes.json states the same for every client.
 */

export const NORMAL = 1000;
/** What a client reports that knows no reason. */
export const ABNORMAL = 1006;
export const LATER = 1013;
export const TOKEN = 4001;
export const FULL = 4429;

/** Refusals that trying again does not change. For a token that ran out, a fresh one was tried by then. */
export const FATAL: readonly (number | string)[] = [4000, TOKEN, 4003];
/** Refusals for want of room, which are no failures. */
export const PAUSING: readonly (number | string)[] = [FULL, "rate_limited"];

/** The codes of refusals that come without one, such as API Gateway's own. */
export const CODE_BY_STATUS: Readonly<Record<number, number>> = {
  400: 4000,
  401: TOKEN,
  403: 4003,
  429: FULL,
  503: LATER,
};

/** Reading a generation ends with these alone; everything else is asked again. */
export const FATAL_READS: readonly (number | undefined)[] = [401, 403, 404];

export type Verdict = "never" | "few" | "always";

/**
 * Whether to repeat a call that was answered with this status; 0 is no answer at all. A function that fails may fail at
 * this very request, and what is not our server's answer may come from a wrong address.
 */
export function verdictOn(status: number): Verdict {
  if ([0, 408, 425, 429, 502, 503, 504].includes(status)) return "always";
  return status < 400 || status >= 500 ? "few" : "never";
}
