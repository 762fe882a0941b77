import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, type Rollup } from "vite";
import { expect, test } from "vitest";

const LARGEST = 7_000;

test("the core is at most 7 kB, minified and zipped", async () => {
  const entry = new URL("../src/index.ts", import.meta.url).pathname;
  const made = await build({
    configFile: false,
    logLevel: "silent",
    // Not as a library: of those Vite keeps the white space.
    build: {
      write: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict" },
    },
  });
  const { output } = made as Rollup.RollupOutput;

  const zipped = gzipSync(output[0].code).length;

  console.info(`The core is ${zipped} bytes.`);
  expect(output).toHaveLength(1);
  expect(zipped).toBeLessThanOrEqual(LARGEST);
});

test("it needs nothing at run time", () => {
  const { dependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    dependencies?: object;
  };

  expect(dependencies).toBeUndefined();
});
