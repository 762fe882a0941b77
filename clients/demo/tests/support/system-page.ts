/** Tests of the page on a system: each has a user and a profile of its own, all of them one browser. */

import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject } from "vitest";
import { hasBrowser, sharedBrowser } from "./browser.ts";
import { Contract } from "./contract.ts";
import { answerTo as sourceTo } from "./model.ts";
import { connectSystem, type System } from "./system.ts";
import { Tab, wordsOf } from "./tab.ts";

export let system: System;
export let context: BrowserContext;
let browser: Browser;
let users = 0;

/** What was said on the sockets in a file of tests. */
export let contract: Contract;

/** The tests are left out where there is no browser. */
export function describePageOnSystem(tests: () => void): void {
  describe.skipIf(!hasBrowser)("the page", () => {
    beforeAll(async () => {
      contract = new Contract();
      system = await connectSystem(inject("deployment"));
      browser = await sharedBrowser();
    });

    afterAll(() => system?.end());

    beforeEach(async () => {
      users++; // A user's sockets are capped, so each test has a user of its own.
      await browseWith({ viewport: { width: 1280, height: 800 } });
    });

    afterEach(async () => {
      system.cable.plugIn();
      system.model.finish();
      await context.close();
      expect(contract.breaches).toEqual([]);
    });

    tests();
  });
}

/** Begin anew, on a device like this. */
export async function browseWith(options: BrowserContextOptions): Promise<void> {
  await context?.close();
  context = await browser.newContext({ reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(60_000);
  contract.watch(context);
  await system.connect(context);
}

export const user = () => `user_${process.pid}_${users}`;

/** All of a test's tabs show one chat. */
export const open = () => Tab.open(context, `${system.page}/#/chats/otters`, user());

/** The words of the answer to a prompt, as the page shows them. */
export const answerTo = (prompt: string) => wordsOf(sourceTo(prompt));
