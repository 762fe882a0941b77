/** What the page looks like and does, in a real browser against a back end in this process. */

import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FakeBackend } from "./support/fake-backend.ts";
import { servePage, type ServedPage } from "./support/served-page.ts";
import { Tab } from "./support/tab.ts";

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SHOTS = new URL("../test-results/", import.meta.url).pathname;
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const RICH = readFileSync(new URL("support/rich-answer.md", import.meta.url), "utf8");

describe.skipIf(!existsSync(BROWSER))("the page", () => {
  let served: ServedPage;
  let browser: Browser;
  let context: BrowserContext;
  let backend: FakeBackend;
  let complaints: string[];

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    served = await servePage();
    browser = await chromium.launch({ executablePath: BROWSER, args: ["--no-sandbox"] });
  }, 300_000);

  afterAll(async () => {
    await browser?.close();
    served?.end();
  });

  const browseWith = async (options: BrowserContextOptions) => {
    await context?.close();
    backend = new FakeBackend();
    complaints = [];
    context = await browser.newContext(options);
    context.on("weberror", (error) => complaints.push(String(error.error())));
    context.on("console", (message) => {
      // Refused by the policy of the page, or an error of React's.
      if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
        complaints.push(message.text());
    });
    await backend.connect(context);
  };

  beforeEach(() => browseWith({ viewport: { width: 1280, height: 800 } }));

  afterEach(async () => {
    expect(complaints).toEqual([]);
  });

  const open = async (hash = "") => {
    const tab = await Tab.open(context, served.url + hash, "demo");
    await tab.says("Connected");
    return tab;
  };

  const shoot = (tab: Tab, name: string) => tab.page.screenshot({ path: `${SHOTS}${name}.png` });

  /** What the accessibility checker finds. */
  const findings = async ({ page }: Tab): Promise<string[]> => {
    await page.evaluate(AXE);
    return page.evaluate(async () => {
      const { violations } = await axe.run({ resultTypes: ["violations"] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
    });
  };

  test("shows a whole conversation", async () => {
    const tab = await open();
    backend.script.text = () => RICH;
    await tab.ask("How do otters sleep?");
    await tab.answerIs("completed");
    await shoot(tab, "page-light");
    expect(await findings(tab)).toEqual([]);
  });
});

/** What axe.min.js defines. */
declare const axe: {
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
};
