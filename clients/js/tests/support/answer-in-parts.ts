/** An answer with every kind of part, and how a server writes it. */

import type { FakeServer } from "./server.ts";

/** Writes it. */
export const STEPS: readonly ((to: FakeServer, id: string) => void)[] = [
  (to, id) => to.writePart(id, "reasoning", "An otter 🦦 "),
  (to, id) => to.writePart(id, "reasoning", "lives in water."),
  (to, id) => to.write(id, "Otters "),
  (to, id) => to.writePart(id, "source", { url: "https://otters.example", title: "Otters" }),
  (to, id) => to.write(id, "hold 🦦 "),
  (to, id) => to.writePart(id, "reasoning", "Do they?"),
  (to, id) => to.write(id, "hands."),
  (to, id) => to.writePart(id, "source", { url: "https://hands.example", snippet: "Hands" }),
  (to, id) => to.writePart(id, "data", { name: "mood", value: { calm: true } }),
];

/** All of it. */
export const WHOLE = [
  { index: 0, kind: "reasoning", text: "An otter 🦦 lives in water." },
  { index: 1, kind: "text", text: "Otters " },
  { index: 2, kind: "source", url: "https://otters.example", title: "Otters", snippet: null },
  { index: 3, kind: "text", text: "hold 🦦 " },
  { index: 4, kind: "reasoning", text: "Do they?" },
  { index: 5, kind: "text", text: "hands." },
  { index: 6, kind: "source", url: "https://hands.example", title: null, snippet: "Hands" },
  { index: 7, kind: "data", name: "mood", value: { calm: true } },
];
