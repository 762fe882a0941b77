/** What this tab keeps over a reload. A browser may forbid that, or be full; then it is kept until the reload. */

const kept = new Map<string, string>();

export function recall(key: string): string | null {
  try {
    return sessionStorage.getItem(key) ?? kept.get(key) ?? null;
  } catch {
    return kept.get(key) ?? null;
  }
}

export function keep(key: string, value: string): void {
  kept.set(key, value);
  attempt(() => sessionStorage.setItem(key, value));
}

export function forget(key: string): void {
  kept.delete(key);
  attempt(() => sessionStorage.removeItem(key));
}

export function forgetAll(): void {
  kept.clear();
  attempt(() => sessionStorage.clear());
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // What could not be stored is in `kept`.
  }
}
