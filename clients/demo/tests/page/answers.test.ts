/** How the page shows answers while they are written, and after. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findings } from "../support/accessibility.ts";
import { backend, browseWith, button, context, describePage, messages, open } from "../support/page.ts";

const RICH = readFileSync(new URL("../support/rich-answer.md", import.meta.url), "utf8");
const HOSTILE = readFileSync(new URL("../support/hostile-answer.md", import.meta.url), "utf8");

describePage(() => {
  test("copies an answer as it was written, a question, and code", async () => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    backend.script.text = () => RICH;
    const tab = await open();
    await tab.ask("How do otters sleep?");
    await tab.answerIs("completed");
    const copied = async (what: string) => {
      await button(tab, `Copy the ${what}`).click();
      await tab.page.getByText(`Copied the ${what}.`).waitFor({ state: "attached" });
      return tab.page.evaluate(() => navigator.clipboard.readText());
    };

    expect(await copied("answer")).toBe(RICH);
    expect(await copied("code")).toMatch(/^from dataclasses [^`]*$/);
    await messages(tab).first().hover();
    expect(await copied("question")).toBe("How do otters sleep?");
  });

  test("runs, fetches and shows nothing that a hostile answer asks for", async () => {
    const asked: string[] = [];
    context.on("request", (request) => asked.push(request.url()));
    backend.script.text = () => HOSTILE;
    const tab = await open();
    await tab.ask("Be evil");
    await tab.answerIs("completed");
    await tab.page.getByText("The end.").waitFor();
    await tab.page.waitForTimeout(200);

    const answer = tab.page.locator("[data-role=assistant] .text");
    const foreign = answer.locator(
      "script, img, iframe, svg:not(.icon), math, style, form, [style], [onerror]",
    );
    expect(await foreign.count()).toBe(0);
    const links = await answer
      .locator("a")
      .evaluateAll((all) => all.map((a) => `${a.getAttribute("href")} ${(a as HTMLAnchorElement).rel}`));
    for (const link of links) expect(link).toMatch(/^https:.* noopener noreferrer nofollow$/);
    expect(asked.filter((url) => url.includes("evil"))).toEqual([]);
    expect(await tab.page.evaluate(() => "stolen" in window)).toBe(false);
    expect(await answer.innerText()).toContain("<script>window.stolen = 1</script>");
  });

  test("renders only what is new of a growing answer", async () => {
    backend.script.text = () => RICH;
    backend.script.pieces = 60;
    const tab = await open();
    await tab.ask("How do otters sleep?");
    await tab.page.locator(".text ol").waitFor();
    const marked = await tab.page.evaluate(() => {
      const blocks = [...document.querySelectorAll("[data-role=assistant] .text > *")].slice(0, -1);
      const seen = { touched: 0 };
      const watch = new MutationObserver((changes) => (seen.touched += changes.length));
      for (const block of blocks)
        watch.observe(block, { subtree: true, childList: true, characterData: true, attributes: true });
      Object.assign(window, { seen, blocks });
      return blocks.length;
    });
    backend.release();
    await tab.answerIs("completed");

    expect(marked).toBeGreaterThan(1);
    const state = await tab.page.evaluate(() => {
      const { seen, blocks } = window as unknown as { seen: { touched: number }; blocks: Element[] };
      return { touched: seen.touched, isThere: blocks.every(({ isConnected }) => isConnected) };
    });
    expect(state).toEqual({ touched: 0, isThere: true });
  });

  test("reads from right to left what is written so, block by block", async () => {
    backend.script.text = () => "לוטרות אוחזות ידיים.\n\nOtters hold hands.\n\n- ים\n- נהר";
    const tab = await open();
    await tab.ask("למה?");
    await tab.answerIs("completed");
    await tab.page.locator(".text > ul").waitFor();

    const directions = await tab.page
      .locator("p.text, .markdown > *")
      .evaluateAll((all) => all.map((block) => getComputedStyle(block).direction));
    expect(directions).toEqual(["rtl", "rtl", "ltr", "rtl"]);
  });

  test("follows the end of an answer, unless one reads further up", async () => {
    await browseWith({ viewport: { width: 1280, height: 420 } });
    backend.script.text = () => RICH;
    backend.script.pieces = 100;
    const tab = await open();
    await tab.ask("How do otters sleep?");
    await tab.page.locator(".text table").waitFor();
    const section = tab.page.getByRole("region", { name: "Conversation" });
    const isAtEnd = () => section.evaluate((it) => it.scrollHeight - it.scrollTop - it.clientHeight < 60);
    await expect.poll(isAtEnd).toBe(true);
    expect(await section.evaluate((it) => it.scrollTop)).toBeGreaterThan(100);

    // The browser tells of the page's own scroll when there is already more to see.
    await section.evaluate((it) => {
      it.firstElementChild!.append(Object.assign(document.createElement("div"), { style: "height: 500px" }));
      it.dispatchEvent(new Event("scroll"));
    });
    await expect.poll(isAtEnd).toBe(true);

    await section.evaluate((it) => it.scrollTo({ top: 0 }));
    await button(tab, "Go to the end").waitFor();
    backend.release();
    await tab.answerIs("completed");
    expect(await section.evaluate((it) => it.scrollTop)).toBe(0);
    await button(tab, "Go to the end").click();

    await expect.poll(isAtEnd).toBe(true);
  });

  test("shows what a model reasons while it comes, and folds it once there is text", async () => {
    backend.script.reasoning = "Otters float on their backs …";
    backend.script.pieces = 0;
    const tab = await open();
    await tab.ask("How do otters sleep?");
    const thought = tab.page.getByText("Otters float on their backs …");
    await thought.waitFor();
    expect(await findings(tab)).toEqual([]);

    backend.release();
    await tab.answerIs("completed");
    await expect.poll(() => thought.isVisible()).toBe(false);
    await tab.page.getByText("Reasoning", { exact: true }).click();
    await thought.waitFor();
    await tab.page.reload();
    await tab.page.getByText("Reasoning", { exact: true }).click();
    await thought.waitFor();
  });

  test("lists what an answer relies on, with links that are safe to follow", async () => {
    backend.script.sources = [
      { url: "https://otters.example/a", title: "Sea otters", snippet: "They hold hands." },
      { url: "javascript:window.stolen=1", title: "Not a page" },
    ];
    const tab = await open();
    await tab.ask("How do otters sleep?");
    await tab.answerIs("completed");
    const sources = tab.page.getByRole("region", { name: "Sources" });

    await expect
      .poll(() => sources.getByRole("listitem").allInnerTexts())
      .toEqual(["Sea otters", "Not a page"]);
    const hrefs = await sources
      .getByRole("link")
      .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    expect(hrefs).toEqual(["https://otters.example/a"]);
    expect(await findings(tab)).toEqual([]);
  });
});
