/** Amounts of money in words. */

const MILLION = 1_000_000;

/** Of millionths of a dollar; small amounts keep two digits that count. */
export function dollars(micros: number): string {
  const amount = micros / MILLION;
  const digits = amount > 0 && amount < 0.1 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 2 };
  return amount.toLocaleString(undefined, { style: "currency", currency: "USD", ...digits });
}
