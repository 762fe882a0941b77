import { defineConfig, type TestUserConfig } from "vitest/config";

/** The tests of a folder. */
const suite = (name: string, options: TestUserConfig) => ({
  extends: true as const,
  test: { name, include: [`tests/${name}/**/*.test.{ts,tsx}`], ...options },
});

export default defineConfig({
  test: {
    projects: [
      suite("parts", {}),
      // All their files are run by one process, so that they share a browser.
      suite("page", { globalSetup: "tests/support/served-page.ts", isolate: false }),
      suite("system", { globalSetup: "tests/support/system-up.ts", isolate: false }),
    ],
    fileParallelism: false,
    // Of a machine that does much else at the same time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 45_000 } },
  },
});
