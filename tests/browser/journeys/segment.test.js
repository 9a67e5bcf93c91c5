// A group of customers: its rule with the live count, saved, used in the list, exported, compared, frozen.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { confirmedOrder, eventually, gone, journey, LOOKS, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Person} Person */

const WORDS = {
  en: {
    new: "New segment", name: "Name", field: "Field", stage: "Stage", active: "Active", save: "Save", title: "Segments",
    only: "Active, in the east", exporting: "Export", csv: "CSV file", overlap: "Overlap", composition: "Composition", growth: "Growth",
  },
  zh: {
    new: "新建细分", name: "名称", field: "字段", stage: "阶段", active: "现有", save: "保存", title: "客户细分",
    only: "华东现有客户", exporting: "导出", csv: "CSV 文件", overlap: "重叠", composition: "构成", growth: "变化",
  },
};

/** Three active customers, two of them in the east, and a lost one. @param {Person} admin */
async function customers(admin) {
  const inputs = [
    { name: "Eastern Light", stage: "active", region: "cn_east" },
    { name: "Eastern Star", stage: "active", region: "cn_east" },
    { name: "Northern Snow", stage: "active", region: "cn_north" },
    { name: "Gone Away", stage: "lost", region: "cn_east" },
  ];
  const all = [];
  for (const input of inputs) {
    all.push(await made(admin.api.POST("/api/v1/customers", { body: /** @type {never} */ ({ kind: "company", ...input }) })));
  }
  return all;
}

for (const language of /** @type {const} */ (["en", "zh"])) {
  journey(`a segment is put together with its count, saved, used in the list and exported, ${language}`, async (site) => {
    const words = WORDS[language];
    const admin = await site.registerAdmin();
    const [first] = await customers(admin);
    assert.ok(first);
    await confirmedOrder(admin, first.id, "250");
    const page = await site.visit({ as: admin, language });
    await open(page, "/segments");
    await page.getByTestId("new-segment").first().click();
    await visible(page.getByRole("heading", { name: words.new }));
    const count = page.getByTestId("preview-count");
    // Without a condition: everybody.
    await page.waitForFunction(() => document.querySelector("[data-testid='preview-count']")?.textContent === "4");
    await page.getByRole("textbox", { name: words.name }).fill(words.only);
    const rule = page.getByTestId("rule");
    const tree = { and: [{ field: "stage", op: "in", value: ["active"] }] };
    await rule.getByRole("button", { name: language === "zh" ? "添加条件" : "Add condition", exact: true }).click();
    const condition = rule.getByTestId("condition").first();
    await condition.getByRole("combobox", { name: words.field, exact: true }).selectOption("stage");
    await condition.getByRole("checkbox", { name: words.active, exact: true }).check();
    await page.waitForFunction(() => document.querySelector("[data-testid='preview-count']")?.textContent === "3");
    await eventually(async () => assert.equal(await count.textContent(), "3"));
    await assertAccessible(page, `segment builder, ${language}`);
    await screenshot(page, `segment-builder-${language}`);
    await page.getByRole("button", { name: words.save, exact: true }).click();
    await visible(page.getByRole("heading", { name: words.only }));

    const [segment] = (await made(admin.api.GET("/api/v1/segments"))).items;
    assert.ok(segment);
    assert.deepEqual([segment.kind, segment.customers, segment.filter], ["dynamic", 3, tree]);
    await visible(page.getByRole("link", { name: "Eastern Light", exact: true }));
    await gone(page.getByRole("link", { name: "Gone Away", exact: true }));
    for (const tab of [words.composition, words.growth, words.overlap]) {
      await page.getByRole("tab", { name: tab, exact: true }).click();
      await settled(page);
      await assertAccessible(page, `segment, ${tab}`);
    }

    await page.getByTestId("in-list").click();
    await page.waitForURL(/\/customers\?filter=/);
    await visible(page.getByTestId("chip").filter({ hasText: words.only }));
    await visible(page.getByRole("link", { name: "Northern Snow", exact: true }));
    await gone(page.getByRole("link", { name: "Gone Away", exact: true }));
    await page.getByRole("button", { name: words.exporting, exact: true }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("menuitem", { name: words.csv }).click();
    const text = await readFile(await (await download).path(), "utf8");
    assert.ok(text.includes("Eastern Star") && !text.includes("Gone Away"), text);

    // What is filtered there becomes a segment of its own.
    const east = { and: [tree, { field: "region", op: "in", value: ["cn_east"] }] };
    await open(page, `/customers?filter=${encodeURIComponent(JSON.stringify(east))}`);
    await page.getByTestId("save-as-segment").click();
    await page.waitForFunction(() => document.querySelector("[data-testid='preview-count']")?.textContent === "2");
  });
}

journey("what two segments share is listed", async (site) => {
  const admin = await site.registerAdmin();
  await customers(admin);
  /** @param {string} name @param {unknown} filter */
  const segment = (name, filter) =>
    made(admin.api.POST("/api/v1/segments", { body: /** @type {never} */ ({ name, kind: "dynamic", shared: true, filter }) }));
  const active = await segment("Active", { field: "stage", op: "eq", value: "active" });
  const east = await segment("East", { field: "region", op: "eq", value: "cn_east" });
  for (const { id } of [active, east]) {
    await made(admin.api.POST("/api/v1/segments/{id}/refresh", { params: { path: { id } } }));
  }
  for (const { language, theme } of LOOKS) {
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/segments");
    await visible(page.getByRole("link", { name: "East", exact: true }));
    await assertAccessible(page, `segments, ${language}, ${theme}`);
    await screenshot(page, `segments-${language}-${theme}`);
    await open(page, `/segments/${active.id}?tab=overlap`);
    await page.getByTestId("overlap-with").selectOption(east.id);
    for (const [part, customers] of [["only-this", "1"], ["both", "2"], ["only-other", "1"]]) {
      await visible(page.getByTestId(`overlap-${part}`));
      await eventually(async () => assert.equal(await page.getByTestId(`overlap-${part}`).textContent(), customers, part));
    }
    await screenshot(page, `segment-overlap-${language}-${theme}`);
    await page.getByTestId("list-only-other").click();
    await page.waitForURL(/\/customers\?filter=/);
    await visible(page.getByRole("link", { name: "Gone Away", exact: true }));
  }
});
