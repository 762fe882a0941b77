import { afterEach, expect, test, vi } from "vitest";
import { newId } from "../src/ids.ts";

const whole = globalThis.crypto;

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["a page on https", whole],
  ["a page on http", { getRandomValues: whole.getRandomValues.bind(whole) }],
  ["a runtime without crypto", undefined],
])("%s gives names that differ", (_where, crypto) => {
  vi.stubGlobal("crypto", crypto);

  const names = Array.from({ length: 1000 }, newId);

  expect(new Set(names).size).toBe(1000);
  expect(names.every((name) => /^[\da-f]{32}$/.test(name.replaceAll("-", "")))).toBe(true);
});
