/** What a budget's bar says. */

import type { Period } from "framestream";
import { dollars } from "../money.ts";
import { momentOf } from "../words.ts";

export interface BudgetLine {
  name: string;
  unit: "tokens" | "cost";
  /** Of the limit, in whole percent. */
  share: number;
  words: string;
  renewal: string;
  isWarned: boolean;
}

/** A line for each limit of a period. What is held for answers that are being written is as good as used. */
export function budgetLines(name: string, period: Period, now: Date): readonly BudgetLine[] {
  const { limit_tokens, limit_cost, resets_at, is_warned } = period;
  const tokens = period.used_tokens + period.held_tokens;
  const cost = period.used_cost + period.held_cost;
  const renewal = `Renews ${momentOf(new Date(resets_at), now)}.`;
  const lines: BudgetLine[] = [];
  const add = (
    unit: BudgetLine["unit"],
    used: number,
    limit: number | null,
    words: (n: number) => string,
  ) => {
    if (limit === null) return;
    const share = limit === 0 ? 100 : Math.min(100, Math.round((100 * used) / limit));
    const sentence = `${words(used)} of ${words(limit)}${unit === "tokens" ? " tokens" : ""}`;
    lines.push({ name, unit, share, words: sentence, renewal, isWarned: is_warned && share >= 80 });
  };
  add("tokens", tokens, limit_tokens, (n) => n.toLocaleString());
  add("cost", cost, limit_cost, dollars);
  return lines;
}
