/** What the client needs from where it runs: time, chance, the network, and the page if there is one. */

export interface Clock {
  now(): number;
  /** Call `act` once after `ms`; the function that comes back prevents it. */
  after(ms: number, act: () => void): () => void;
}

export interface Page {
  online(): boolean;
  /** Call `act` whenever the page is online again or looked at again; the function that comes back ends that. */
  onWake(act: () => void): () => void;
}

export interface Environment {
  clock: Clock;
  page: Page;
  random(): number;
  fetch: typeof fetch;
  WebSocket: new (url: string) => WebSocket;
}

const clock: Clock = {
  now: () => performance.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** A browser's page; elsewhere the network counts as up, and nothing wakes. */
const page: Page = {
  online: () => globalThis.navigator?.onLine ?? true,
  onWake(act) {
    if (typeof document === "undefined") return () => {};
    const seen = () => document.visibilityState === "visible" && act();
    addEventListener("online", act);
    document.addEventListener("visibilitychange", seen);
    return () => {
      removeEventListener("online", act);
      document.removeEventListener("visibilitychange", seen);
    };
  },
};

export function environment(own: Partial<Environment> = {}): Environment {
  return {
    clock,
    page,
    random: Math.random,
    fetch: (...request) => fetch(...request),
    WebSocket: globalThis.WebSocket,
    ...own,
  };
}
