// A list as people work with it: a filter is built and kept as a view, many rows are changed at once, a cell is edited.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { eventually, journey, made, open, settled, visible } from "../harness/journey.js";

/** @typedef {import("../harness/journey.js").Page} Page */
/** @typedef {import("../harness/journey.js").Person} Person */

/** @param {Person} admin */
async function customers(admin) {
  for (const [name, stage] of /** @type {const} */ ([
    ["Alpha Foods", "active"],
    ["Beta Foods", "dormant"],
    ["Gamma Steel", "potential"],
    ["上海远景", "active"],
  ])) {
    await made(admin.api.POST("/api/v1/customers", { body: { name, stage, kind: "company" } }));
  }
}

const WORDS = {
  en: {
    builder: "Advanced filter",
    add: "Add condition",
    apply: "Apply",
    field: "Field",
    stage: "Stage",
    active: "Active",
    dormant: "Dormant",
    sentence: "Stage is one of Active, Dormant",
    save: "Save as a view",
    name: "Name of the view",
    store: "Save",
    view: "Regulars",
    page: "Choose all that are loaded",
    all: "Choose all that match",
    chosen: "All 3 that match",
    tag: "Add tags",
    go: "Apply to 3",
    done: "3 done",
    close: "Close",
    remove: "Remove: Stage is one of Active, Dormant",
    changed: "Changed",
  },
  zh: {
    builder: "高级筛选",
    add: "添加条件",
    apply: "应用筛选",
    field: "字段",
    stage: "阶段",
    active: "现有",
    dormant: "沉睡",
    sentence: "阶段 属于 现有、沉睡",
    save: "另存为视图",
    name: "视图名称",
    store: "保存",
    view: "常客",
    page: "选择已加载的全部",
    all: "选择全部符合条件的记录",
    chosen: "已选全部 3 条",
    tag: "添加标签",
    go: "应用到 3 条",
    done: "成功 3 条",
    close: "关闭",
    remove: "移除条件：阶段 属于 现有、沉睡",
    changed: "已修改",
  },
};

for (const language of /** @type {const} */ (["en", "zh"])) {
  const theme = language === "en" ? "light" : "dark";
  journey(`a filter is built, kept as a view, and its rows are changed at once (${language})`, async (site) => {
    const admin = await site.registerAdmin();
    await customers(admin);
    const words = WORDS[language];
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/customers");

    await page.getByRole("button", { name: words.builder }).click();
    const dialog = page.getByRole("dialog");
    const condition = dialog.getByTestId("condition").first();
    await condition.getByRole("combobox", { name: words.field, exact: true }).selectOption({ label: words.stage });
    await condition.getByRole("checkbox", { name: words.active }).check();
    await condition.getByRole("checkbox", { name: words.dormant }).check();
    await screenshot(page, `list-builder-${language}`);
    await assertAccessible(page, `filter builder, ${language}`);
    await dialog.getByRole("button", { name: words.apply, exact: true }).click();
    await visible(page.getByTestId("chip").getByText(words.sentence, { exact: true }));
    await settled(page);
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 3);

    await page.getByRole("button", { name: words.save }).click();
    await dialog.getByLabel(words.name).fill(words.view);
    await dialog.getByRole("button", { name: words.store, exact: true }).click();
    const tab = page.getByTestId("view-tab").filter({ hasText: words.view });
    await visible(tab);
    await page.waitForURL(/[?&]view=/);
    const [view] = await made(admin.api.GET("/api/v1/views", { params: { query: { record: "customers" } } }));
    assert.ok(view, "the view is kept");
    assert.equal(view.name, words.view);

    // Taking the condition away is a change of the view; the tab brings it back.
    await page.getByRole("button", { name: words.remove }).click();
    await visible(page.getByText(words.changed, { exact: true }));
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 4);
    await page.reload();
    await visible(page.getByText(words.changed, { exact: true }));
    await settled(page);
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 4);
    await tab.click();
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 3);

    await page.getByRole("checkbox", { name: words.page }).check();
    await page.getByRole("button", { name: words.all }).click();
    await visible(page.getByText(words.chosen, { exact: true }));
    await screenshot(page, `list-selection-${language}`);
    await page.getByRole("button", { name: words.tag }).click();
    await dialog.getByRole("textbox").first().fill("tea");
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: words.go }).click();
    const outcome = dialog.getByTestId("bulk-outcome");
    await visible(outcome.getByText(words.done));
    await screenshot(page, `list-outcome-${language}`);
    await outcome.getByRole("button", { name: words.close }).click();
    const query = { tags: "tea", with_total: true };
    const tagged = await made(admin.api.GET("/api/v1/customers", { params: { query } }));
    assert.equal(tagged.total, 3, "all that match are changed, no other");
  });
}

journey("a cell is edited in its place, by mouse and by keyboard", async (site) => {
  const admin = await site.registerAdmin();
  await customers(admin);
  const page = await site.visit({ as: admin });
  await open(page, "/customers?sort=name");
  const stages = async () => {
    const { items } = await made(admin.api.GET("/api/v1/customers", { params: { query: { sort: "name" } } }));
    return items.map(({ stage }) => stage);
  };
  const cell = page.locator("main tbody tr").nth(2).locator("td[data-label=Stage]");
  await cell.dblclick({ position: { x: 2, y: 2 } });
  await page.getByTestId("cell-editor").getByRole("combobox").selectOption({ label: "Intent" });
  await visible(page.locator("main tbody tr").nth(2).locator("td[data-label=Stage]").getByText("Intent"));
  await eventually(async () => assert.equal((await stages())[2], "intent"));

  // The first row, by keys alone; Escape leaves it as it was.
  await page.keyboard.press("j");
  await page.keyboard.press("F2");
  await visible(page.getByTestId("cell-editor"));
  await page.keyboard.press("Escape");
  await page.getByTestId("cell-editor").waitFor({ state: "hidden" });
  await eventually(async () => assert.equal((await stages())[0], "active"));
  await page.keyboard.press("x");
  await visible(page.getByText("1 chosen"));
  await page.keyboard.press("?");
  await visible(page.getByRole("dialog").getByText("Move between rows"));
});
