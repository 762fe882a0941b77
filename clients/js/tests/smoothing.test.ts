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

/** Numbers from 0 to 1 that are the same in each run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Frames of 100 ms in the first second and of 250 ms then, each up to 160 ms late; a token has four letters. */
function framesOf(tokensPerSecond: number, random: () => number): { at: number; length: number }[] {
  const frames: { at: number; length: number }[] = [];
  let [tokens, nextToken, at] = [0, 0, 0];
  for (let sent = 100; sent < 20_000; sent += sent < 1000 ? 100 : 250) {
    for (; nextToken <= sent; tokens++) nextToken -= (Math.log(random()) * 1000) / tokensPerSecond;
    at = Math.max(at, sent + 160 * random() ** 2);
    if (4 * tokens > (frames.at(-1)?.length ?? 0)) frames.push({ at, length: 4 * tokens });
  }
  return frames;
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

  test.each([20, 80])(
    "has no pauses that are seen, at %i tokens a second in late frames",
    (tokensPerSecond) => {
      const random = generator(tokensPerSecond);
      const frames = framesOf(tokensPerSecond, random);
      const pauses: number[] = [];
      let pace = STANDING;
      let [length, seen, seenAt] = [0, 0, 0];
      for (let now = 0; now < 20_000; now += 16) {
        for (; frames[0] && frames[0].at <= now; frames.shift()) {
          length = frames[0].length;
          pace = arrived(pace, frames[0].at, length);
        }
        pace = passed(pace, 16, length);
        if (Math.floor(pace.shown) === seen) continue;
        pauses.push(now - seenAt);
        [seen, seenAt] = [Math.floor(pace.shown), now];
      }

      pauses.sort((a, b) => a - b);
      expect(pauses.length).toBeGreaterThan(500);
      expect(pauses[Math.floor(pauses.length * 0.95)]).toBeLessThanOrEqual(60);
      expect(pauses[Math.floor(pauses.length * 0.99)]).toBeLessThanOrEqual(60);
    },
  );

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
