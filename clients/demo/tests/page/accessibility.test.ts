/** What the accessibility checker finds on the page: in light, in the dark, and on a phone. */

import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, test } from "vitest";
import { findings } from "../support/accessibility.ts";
import { shoot } from "../support/browser.ts";
import {
  LIMITED,
  backend,
  browseWith,
  button,
  chats,
  context,
  describePage,
  messages,
  open,
  served,
} from "../support/page.ts";
import { Tab } from "../support/tab.ts";

const RICH = readFileSync(new URL("../support/rich-answer.md", import.meta.url), "utf8");

describePage(() => {
  describe.each([
    ["light", { viewport: { width: 1280, height: 800 }, reducedMotion: "no-preference" as const }],
    ["dark", { viewport: { width: 1280, height: 800 }, colorScheme: "dark" as const }],
    ["phone", { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }],
  ])("%s", (name, options) => {
    beforeEach(() => browseWith(options));

    test("has no faults of accessibility, with anything that it shows", async () => {
      const signedOut = await Tab.at(context, served);
      await button(signedOut, "Sign in").waitFor();
      expect(await findings(signedOut)).toEqual([]);
      await signedOut.page.close();

      backend.usage = LIMITED;
      for (const title of [
        "Kelp forests",
        "שאלה על לוטרות",
        "A letter to the harbour master about the boats",
      ])
        backend.askElsewhere(title, title);
      const tab = await open();
      await shoot(tab, `${name}-new`);
      expect(await findings(tab)).toEqual([]);

      backend.script.text = () => RICH;
      await tab.ask("How do otters sleep?");
      await tab.answerIs("completed");
      await tab.page.locator(".hljs-keyword").first().waitFor();
      await shoot(tab, `${name}-answer`);
      expect(await findings(tab)).toEqual([]);

      backend.script.pieces = 12;
      await tab.ask("And what do they eat, and when? Think of the seasons, please.");
      await tab.answerIs("streaming");
      await tab.ask("Thank you!");
      await tab.page.getByText("Asked next").waitFor();
      await tab.lookBehind();
      await shoot(tab, `${name}-writing`);
      expect(await findings(tab)).toEqual([]);
      await tab.lookBehind();
      await button(tab, "Stop").click();
      await tab.page.getByText("Paused").waitFor();
      await messages(tab).first().hover();
      await messages(tab).first().getByRole("button", { name: "Edit" }).click();
      await shoot(tab, `${name}-editing`);
      expect(await findings(tab)).toEqual([]);
      expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(
        options.viewport.width,
      );
    }, 120_000);

    test("asks before it deletes", async () => {
      backend.usage = LIMITED;
      backend.askElsewhere("Kelp", "Kelp forests");
      const tab = await open();
      if (name.startsWith("phone")) await button(tab, "Chats").click();
      await shoot(tab, `${name}-chats`);
      expect(await findings(tab)).toEqual([]);
      await chats(tab).getByRole("link", { name: "Kelp forests" }).hover();
      await button(tab, "Delete “Kelp forests”").click();
      await tab.page.getByRole("dialog").waitFor();
      await shoot(tab, `${name}-delete`);

      expect(await findings(tab)).toEqual([]);
    });
  });
});
