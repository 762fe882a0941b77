import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arrived, cut, passed, smoothly, STANDING } from "../src/smoothing.ts";

/** A clock that a tick moves on by 16 ms. */
function time() {
  let now = 0;
  const tick = async () => {
    now += 16;
    await Promise.resolve();
  };
  return { now: () => now, tick };
}

async function* frames(clock: ReturnType<typeof time>, interval: number, texts: string[]) {
  let due = 0;
  for (const text of texts) {
    while (clock.now() < due) await new Promise((resolve) => setTimeout(resolve));
    due += interval;
    yield text;
  }
}

async function shown(texts: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const text of texts) all.push(text);
  return all;
}

describe("smoothed text", () => {
  test.each([100, 2000])("grows evenly between frames that come every %i ms", (interval) => {
    let pace = { ...STANDING, interval };
    const steps: number[] = [];
    for (let now = 0; now < 10 * interval; now += 10) {
      const length = 50 * (1 + Math.floor(now / interval));
      if (now % interval === 0) pace = arrived(pace, now, length);
      const before = pace.shown;
      pace = passed(pace, 10, length);
      steps.push(pace.shown - before);
    }

    const usual = 500 / interval;
    for (const step of steps) expect(step).toBeCloseTo(usual, 5);
  });

  test("is never cut within a character of two units", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.nat(20), (text, end) => {
        const part = cut(text, end);

        return part.isWellFormed() && text.startsWith(part);
      }),
    );
  });

  test("only ever grows, and is whole in the end", async () => {
    const clock = time();
    const texts = ["Otters 🦦 hold", "Otters 🦦 hold hands while", "Otters 🦦 hold hands while they sleep."];

    const all = await shown(smoothly(frames(clock, 100, texts), { ...clock, reducedMotion: false }));

    expect(all.at(-1)).toBe(texts.at(-1));
    expect(all.length).toBeGreaterThan(10);
    for (const [n, text] of all.entries()) expect(text.startsWith(all[n - 1] ?? "")).toBe(true);
  });

  test("starts again when the text does", async () => {
    const clock = time();

    const all = await shown(
      smoothly(frames(clock, 100, ["Cats are", "Otters"]), { ...clock, reducedMotion: false }),
    );

    expect(all.at(-1)).toBe("Otters");
  });

  test("is shown at once where less motion is wanted", async () => {
    const clock = time();

    expect(
      await shown(smoothly(frames(clock, 0, ["a", "a long text"]), { ...clock, reducedMotion: true })),
    ).toEqual(["a", "a long text"]);
  });

  test("fails as its source does, after all that came is shown", async () => {
    const clock = time();
    async function* broken() {
      yield "Otters";
      throw new Error("broken");
    }
    const all: string[] = [];

    const reading = (async () => {
      for await (const text of smoothly(broken(), { ...clock, reducedMotion: false })) all.push(text);
    })();

    await expect(reading).rejects.toThrow("broken");
    expect(all.at(-1)).toBe("Otters");
  });
});
