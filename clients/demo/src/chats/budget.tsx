/** How much of the budget is used; nothing where there is none. */

import type { Period, UserUsage } from "framestream";
import { budgetLines, type BudgetLine } from "./budget-words.ts";

export function Budget({ usage }: { usage: UserUsage | null }) {
  const lines = usage ? [...linesOf("Today", usage.day), ...linesOf("This month", usage.month)] : [];
  if (lines.length === 0) return null;
  return (
    <section className="budget" aria-label="Budget">
      {lines.map((line) => (
        <Line key={line.name + line.unit} line={line} />
      ))}
    </section>
  );
}

function linesOf(name: string, period: Period): readonly BudgetLine[] {
  return budgetLines(name, period, new Date());
}

function Line({ line: { name, share, words, renewal, isWarned } }: { line: BudgetLine }) {
  return (
    <div data-warned={isWarned}>
      <p>
        <span>{name}</span> <span>{words}</span>
      </p>
      <div
        className="bar"
        role="meter"
        aria-label={`${name}’s budget`}
        aria-valuenow={share}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={words}
      >
        <div style={{ width: `${share}%` }} />
      </div>
      {isWarned && <p className="renewal">{renewal}</p>}
    </div>
  );
}
