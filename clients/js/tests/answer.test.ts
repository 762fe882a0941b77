import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasGap, merge, NOTHING, type Piece } from "../src/answer.ts";
import { lengthOf, without } from "../src/codepoints.ts";

const text = fc.string({ unit: "binary" });

describe("code points", () => {
  test("are counted as the wire counts them, also outside of UTF-16's first plane", () => {
    fc.assert(fc.property(text, (any) => lengthOf(any) === [...any].length));
  });

  test("are dropped whole", () => {
    fc.assert(
      fc.property(text, fc.nat(30), (any, count) => without(any, count) === [...any].slice(count).join("")),
    );
  });
});

/** Pieces of a text that cover it, cut anywhere, with overlaps and repetitions, none beyond what came before. */
const told = fc
  .tuple(text, fc.array(fc.tuple(fc.nat(10), fc.nat(10)), { maxLength: 40 }))
  .map(([whole, cuts]) => {
    const all = [...whole];
    const pieces: Piece[] = [];
    let reached = 0;
    for (const [back, size] of [...cuts, [0, all.length] as const]) {
      const offset = Math.max(0, reached - back);
      const delta = all.slice(offset, offset + size).join("");
      reached = Math.max(reached, offset + [...delta].length);
      pieces.push({ attempt: 1, offset, delta });
    }
    return { whole, pieces };
  });

describe("an answer", () => {
  test("is the text, however its pieces overlap and repeat", () => {
    fc.assert(
      fc.property(told, ({ whole, pieces }) => {
        const answer = pieces.reduce(merge, NOTHING);

        expect(answer.text).toBe(whole);
        expect(answer.length).toBe([...whole].length);
        expect(hasGap(answer)).toBe(false);
      }),
    );
  });

  test("never shows a character too many or twice, whatever order its pieces come in", () => {
    fc.assert(
      fc.property(told, fc.infiniteStream(fc.nat()), ({ whole, pieces }, chance) => {
        const mixed = pieces.map((piece) => [chance.next().value, piece] as const).sort(([a], [b]) => a - b);

        const answer = mixed.reduce((before, [, piece]) => merge(before, piece), NOTHING);

        expect(whole.startsWith(answer.text)).toBe(true);
        expect(hasGap(answer)).toBe(answer.text !== whole);
        expect(merge(answer, { attempt: 1, offset: 0, delta: whole }).text).toBe(whole);
      }),
    );
  });

  test("is of the highest attempt alone", () => {
    const pieces = [
      { attempt: 1, offset: 0, delta: "one " },
      { attempt: 2, offset: 0, delta: "two " },
      { attempt: 1, offset: 4, delta: "late" },
      { attempt: 2, offset: 4, delta: "more" },
    ];

    expect(pieces.reduce(merge, NOTHING)).toMatchObject({ attempt: 2, text: "two more", length: 8 });
  });

  test("keeps nothing from beyond a gap", () => {
    const answer = merge(NOTHING, { attempt: 1, offset: 3, delta: "d" });

    expect(answer.text).toBe("");
    expect(hasGap(answer)).toBe(true);
  });
});
