/** Questions on the page: asked otherwise, again, meanwhile, and of another model. */

import { beforeEach, describe, expect, test } from "vitest";
import { backend, button, describePage, focused, messages, open, texts } from "../support/page.ts";
import { type Tab, wordsOf } from "../support/tab.ts";

describePage(() => {
  test("asks a question otherwise in a branch of its own, and leads from one to the other", async () => {
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("completed");

    await messages(tab).first().hover();
    await button(tab, "Edit the question").click();
    await tab.page.keyboard.type(" Of the sea.");
    await tab.page.keyboard.press("Enter");
    await messages(tab).filter({ hasText: "You asked: Otters? Of the sea." }).waitFor();
    const arrows = tab.page.getByRole("group", { name: "Versions of the question" });
    await expect.poll(async () => wordsOf(await arrows.innerText())).toBe("2 / 2");

    await arrows.getByRole("button", { name: "The version before" }).click();
    await expect.poll(() => texts(tab)).toEqual(["Otters?", "You asked: Otters?"]);
    await expect.poll(() => focused(tab)).toBe("The version before");
    await arrows.getByRole("button", { name: "The next version" }).click();
    await expect.poll(() => texts(tab)).toEqual(["Otters? Of the sea.", "You asked: Otters? Of the sea."]);
  });

  test("leaves a question as it is if its change is given up", async () => {
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("completed");

    await messages(tab).first().hover();
    await button(tab, "Edit the question").click();
    await tab.page.keyboard.type("!");
    await tab.page.keyboard.press("Escape");

    await expect.poll(() => focused(tab)).toBe("Edit the question");
    await expect.poll(() => texts(tab)).toEqual(["Otters?", "You asked: Otters?"]);
  });

  test("keeps the answers before, when it asks again", async () => {
    let times = 0;
    backend.script.text = () => `Answer ${++times >> 1}.`;
    const tab = await open();
    await tab.ask("Otters?");
    await tab.answerIs("completed");
    const [, first] = await texts(tab);

    await button(tab, "Ask again").click();
    const arrows = tab.page.getByRole("group", { name: "Versions of the answer" });
    await arrows.waitFor();
    await tab.answerIs("completed");
    await expect.poll(async () => wordsOf(await arrows.innerText())).toBe("2 / 2");
    expect((await texts(tab))[1]).not.toBe(first);
    await arrows.getByRole("button", { name: "The version before" }).click();

    await expect.poll(() => texts(tab)).toEqual(["Otters?", first]);
  });

  describe("while an answer is written", () => {
    let tab: Tab;
    const waiting = () => tab.page.getByRole("region", { name: "Waiting questions" });

    beforeEach(async () => {
      backend.script.pieces = 2;
      tab = await open();
      await tab.ask("First one");
      await tab.answerIs("streaming");
      await tab.ask("Second one");
      await waiting().getByText("Second one").waitFor();
    });

    test("what is asked waits, and is answered after it", async () => {
      await expect.poll(() => messages(tab).count()).toBe(2);

      backend.release();
      await messages(tab).filter({ hasText: "You asked: Second one" }).waitFor();

      await expect.poll(() => waiting().count()).toBe(0);
      await expect.poll(() => messages(tab).count()).toBe(4);
    });

    test("what waits can be changed, and taken back, on all devices", async () => {
      const other = await open(new URL(tab.page.url()).hash);
      await other.page.getByText("Second one").waitFor();

      await button(other, "Edit “Second one”").click();
      await other.page.keyboard.type(", changed");
      await other.page.keyboard.press("Enter");
      await waiting().getByText("Second one, changed").waitFor();
      await button(tab, "Remove “Second one, changed”").click();

      await other.page.getByRole("region", { name: "Waiting questions" }).waitFor({ state: "detached" });
      await expect.poll(() => focused(tab)).toBe("prompt");
    });

    test("stopping it pauses what waits, until that is resumed", async () => {
      await button(tab, "Edit “Second one”").waitFor(); // It has arrived.
      await tab.page.keyboard.press("Escape");
      await waiting().getByText("Paused").waitFor();
      await tab.answerIs("cancelled");
      backend.script.pieces = Infinity;
      await button(tab, "Resume").click();

      await messages(tab).filter({ hasText: "You asked: Second one" }).waitFor();
    });
  });

  test("asks the model that is picked, and says which one answered", async () => {
    backend.models = ["otter-1", "otter-2"];
    const tab = await open();
    await tab.ask("One");
    await tab.answerIs("completed");
    await tab.page.getByLabel("Model").selectOption("otter-2");
    await tab.ask("Two");
    await tab.page.getByText("You asked: Two").waitFor();
    await tab.page.reload();
    await tab.says("Connected");
    await tab.ask("Three");
    await tab.page.getByText("You asked: Three").waitFor();

    expect(backend.asked).toEqual([undefined, "otter-2", "otter-2"]);
    await tab.page.locator(".facts").first().getByText("otter-1").waitFor();
  });

  test("has no picker where there is one model, or a server that tells none", async () => {
    const tab = await open();
    await tab.ask("One");
    await tab.answerIs("completed");

    expect(await tab.page.getByLabel("Model").count()).toBe(0);
  });
});
