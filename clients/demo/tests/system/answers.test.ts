/** How an answer of the system comes to the page. */

import { expect, test } from "vitest";
import { shoot } from "../support/browser.ts";
import { SOURCE, THOUGHTS, answerTo as sourceTo } from "../support/model.ts";
import { answerTo, browseWith, context, describePageOnSystem, open, system } from "../support/system-page.ts";

describePageOnSystem(() => {
  test("shows the same in two tabs", async () => {
    const [here, there] = [await open(), await open()];
    await Promise.all([here.says("Connected"), there.says("Connected")]);

    await here.ask("120 words, 10 a second");
    const early = await there.answer(100);
    system.model.finish();
    await Promise.all([here.answerIs("completed"), there.answerIs("completed")]);

    expect(early.length).toBeLessThan(answerTo("120 words").length);
    expect([await here.answer(), await there.answer()]).toEqual([
      answerTo("120 words"),
      answerTo("120 words"),
    ]);
  });

  test("shows an answer while it is written", async () => {
    const tab = await open();
    await tab.says("Connected");
    const prompt = "Why do otters hold hands? 15 a second";
    expect(await tab.page.locator("#panel").count()).toBe(0);
    await tab.lookBehind();

    await tab.ask(prompt);
    const early = await tab.answer(240);
    await shoot(tab, "streaming");
    system.model.finish();
    await tab.answerIs("completed");

    expect(early.length).toBeLessThan(answerTo(prompt).length);
    expect(await tab.answer()).toBe(answerTo(prompt));
    expect(await tab.fact("First text after")).toMatch(/\d+ ms/);
  });

  test("is dark for those who like it, small where there is little room, and at rest where motion is not wanted", async () => {
    await context.close();
    await browseWith({
      ...{ viewport: { width: 390, height: 780 }, colorScheme: "dark", reducedMotion: "reduce" },
    });
    const tab = await open();

    await tab.ask("40 words, 40 a second");
    await tab.answerIs("completed");
    await shoot(tab, "dark-and-small");

    expect(await tab.answer()).toBe(answerTo("40 words"));
    expect(await tab.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  test("goes on after a reload in the middle", async () => {
    const tab = await open();
    await tab.ask("150 words, 10 a second");
    await tab.answer(100);

    await tab.page.reload();
    await tab.answer(160);
    system.model.finish();
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("150 words"));
    expect(await tab.page.locator(".message").count()).toBe(2);
  });

  test("copies an answer", async () => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const tab = await open();
    await tab.ask("40 words, 100 a second");
    await tab.answerIs("completed");

    await tab.page.getByRole("button", { name: "Copy the answer" }).click();
    await tab.page.getByText("Copied", { exact: true }).waitFor();

    expect(await tab.page.evaluate(() => navigator.clipboard.readText())).toBe(sourceTo("40 words"));
  });

  test("writes from right to left what is read so", async () => {
    const tab = await open();
    await tab.ask("שלום, 20 words");
    await tab.answerIs("completed");

    const directions = await tab.page
      .locator("p.text, .markdown > p")
      .evaluateAll((all) => all.map((text) => getComputedStyle(text).direction));
    expect(directions).toEqual(["rtl", "ltr"]);
  });

  test("works without storage", async () => {
    await context.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, {
          get() {
            throw new DOMException("The operation is insecure.", "SecurityError");
          },
        });
    });
    const tab = await open();
    await tab.ask("40 words, 100 a second");
    await tab.answerIs("completed");

    expect(await tab.answer()).toBe(answerTo("40 words"));
  });

  test("shows what the model thought and what it relies on, and the same after a reload", async () => {
    const tab = await open();
    const { page } = tab;
    const fold = page.locator("details.reasoning");
    const prompt = "100 words, 10 a second: think first, with a source";
    await tab.ask(prompt);
    await fold.getByText("Reasoning …").waitFor();
    expect(await fold.getAttribute("open")).not.toBeNull();
    system.model.finish();

    for (const look of ["at first", "after a reload"]) {
      if (look === "after a reload") await page.reload();
      await tab.answerIs("completed");
      await expect.poll(() => fold.getAttribute("open"), { message: look }).toBeNull();
      await fold.getByText("Reasoning", { exact: true }).click();
      await expect.poll(() => fold.locator("p").allTextContents(), { message: look }).toEqual([THOUGHTS]);
      const source = page.getByRole("region", { name: "Sources" }).getByRole("link", { name: SOURCE.title });
      expect(await source.getAttribute("href"), look).toBe(SOURCE.url);
      expect(await tab.answer(), look).toBe(answerTo(prompt));
    }
  });
});
