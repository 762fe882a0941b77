/** The fake server's clock. */

/** Later with each call, as the clock of a slow server would be. */
export function now(): string {
  latest = Math.max(Date.now(), latest + 1);
  return new Date(latest).toISOString();
}
let latest = 0;
