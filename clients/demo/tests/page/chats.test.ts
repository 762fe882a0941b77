/** The list of chats on the page, and one chat in several tabs. */

import { expect, test } from "vitest";
import {
  backend,
  browseWith,
  button,
  chats,
  describePage,
  focused,
  messages,
  open,
  texts,
} from "../support/page.ts";

describePage(() => {
  test("shows the chat again after a reload, and in a tab that comes later", async () => {
    const tab = await open();
    await tab.ask("Who are you?");
    await tab.answerIs("completed");
    await tab.page.reload();
    await tab.answerIs("completed");

    const other = await open(new URL(tab.page.url()).hash);
    await other.answerIs("completed");

    for (const each of [tab, other])
      await expect.poll(() => texts(each)).toEqual(["Who are you?", "You asked: Who are you?"]);
    await expect.poll(() => tab.page.title()).toBe("Who are you? · framestream");
  });

  test("shows a question with its answer in both tabs, while it is written", async () => {
    const here = await open();
    await here.ask("First");
    await here.answerIs("completed");
    const there = await open(new URL(here.page.url()).hash);
    await there.answerIs("completed");

    backend.script.pieces = 2;
    await here.ask("Second");
    await there.answerIs("streaming");

    await expect.poll(async () => (await texts(there)).at(-2)).toBe("Second");
    backend.release();
    for (const tab of [here, there])
      await expect
        .poll(() => texts(tab))
        .toEqual(["First", "You asked: First", "Second", "You asked: Second"]);
  });

  test("begins another chat, each with an address of its own", async () => {
    const tab = await open();
    await tab.ask("Otters");
    await tab.answerIs("completed");
    const first = tab.page.url();

    await button(tab, "New chat").click();
    await tab.page.getByText("What would you like to know?").waitFor();
    await expect.poll(() => focused(tab)).toBe("prompt");
    await tab.ask("Kelp");
    await tab.answerIs("completed");
    await expect.poll(() => texts(tab)).toEqual(["Kelp", "You asked: Kelp"]);
    expect(tab.page.url()).not.toBe(first);

    await chats(tab).getByRole("link", { name: "Otters" }).click();
    await messages(tab).filter({ hasText: "You asked: Otters" }).waitFor();
    await expect.poll(() => tab.page.url()).toBe(first);
    await chats(tab).locator("[aria-current=page]", { hasText: "Otters" }).waitFor();
    await tab.page.goBack();
    await messages(tab).filter({ hasText: "You asked: Kelp" }).waitFor();
  });

  test("lists what another device asks, the latest first", async () => {
    const tab = await open();
    await tab.page.getByText("Your chats will be listed here.").waitFor();

    backend.askElsewhere("a", "Older");
    await chats(tab).getByRole("link", { name: "Older" }).waitFor();
    backend.askElsewhere("b", "Newer");
    await chats(tab).getByRole("link", { name: "Newer" }).waitFor();

    await expect.poll(() => chats(tab).getByRole("link").allInnerTexts()).toEqual(["Newer", "Older"]);
  });

  test("renames a chat, on all devices; Escape changes nothing", async () => {
    const tab = await open();
    await tab.ask("Otters");
    await tab.answerIs("completed");
    const other = await open(new URL(tab.page.url()).hash);

    const title = tab.page.getByLabel("Title of the chat");
    await chats(tab).getByRole("link", { name: "Otters" }).hover();
    await button(tab, "Rename “Otters”").click();
    await title.waitFor();
    await tab.page.keyboard.type("Nothing");
    await tab.page.keyboard.press("Escape");
    await expect.poll(() => focused(tab)).toBe("Rename “Otters”");
    await tab.page.keyboard.press("Enter");
    await title.waitFor();
    await tab.page.keyboard.type("Kelp");
    await tab.page.keyboard.press("Enter");

    for (const { page } of [tab, other])
      await page.getByRole("heading", { level: 1, name: "Kelp" }).waitFor();
    await chats(other).getByRole("link", { name: "Kelp" }).waitFor();
  });

  test("deletes a chat for good, on all devices, and only if that is meant", async () => {
    const tab = await open();
    await tab.ask("Otters");
    await tab.answerIs("completed");
    const other = await open(new URL(tab.page.url()).hash);
    await other.answerIs("completed");
    const del = button(tab, "Delete “Otters”");
    const dialog = tab.page.getByRole("dialog");

    await chats(tab).getByRole("link", { name: "Otters" }).hover();
    for (const key of ["Enter", "Escape"]) {
      await del.click();
      await dialog.waitFor();
      await tab.page.keyboard.press(key); // In haste: it is kept.
      await dialog.waitFor({ state: "detached" });
    }
    expect(await messages(tab).count()).toBe(2);
    await del.click();
    await dialog.getByRole("button", { name: "Delete" }).click();

    await tab.page.getByText("What would you like to know?").waitFor();
    await other.page.getByText("This chat was deleted").waitFor();
    await expect.poll(() => chats(other).getByRole("link").count()).toBe(0);
    await expect.poll(() => messages(other).count()).toBe(0);
  });

  test("opens the list of chats on a phone, keeps the focus in it, and gives it back", async () => {
    await browseWith({ viewport: { width: 390, height: 780 }, reducedMotion: "reduce" });
    backend.askElsewhere("kelp", "Kelp forests");
    const tab = await open();
    const inside = () => tab.page.evaluate(() => !!document.activeElement?.closest("nav"));
    expect(await chats(tab).isVisible()).toBe(false);

    await button(tab, "Chats").click();
    await expect.poll(inside).toBe(true);
    for (let presses = 0; presses < 12; presses++) {
      await tab.page.keyboard.press("Tab");
      expect(await tab.page.evaluate(() => !!document.activeElement?.closest(".content"))).toBe(false);
    }
    await tab.page.keyboard.press("Escape");
    await expect.poll(() => focused(tab)).toBe("Chats");
    await button(tab, "Chats").click();
    await chats(tab).getByRole("link", { name: "Kelp forests" }).click();

    await messages(tab).filter({ hasText: "You asked: Kelp forests" }).waitFor();
    await expect.poll(() => chats(tab).isVisible()).toBe(false);
  });

  test("says of an address without a chat that there is nothing", async () => {
    const tab = await open("#/chats/nowhere");

    await tab.page.getByText("There is nothing here").waitFor();
  });
});
