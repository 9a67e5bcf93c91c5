// An administrator defines a field; from then on it is filled in, filtered by and shown as a column.

import assert from "node:assert/strict";

import { assertAccessible, screenshot } from "../harness/browser.js";
import { eventually, field, journey, made, open, settled, visible } from "../harness/journey.js";

const WORDS = {
  en: {
    new: "New field",
    kind: "Kind",
    choice: "One choice",
    zh: "Chinese label",
    en: "English label",
    key: "Key",
    add: "Add a choice",
    code: "Code",
    required: "Required",
    save: "Save",
    created: "The field is created",
    label: "Membership",
    gold: "Gold",
    silver: "Silver",
    name: "Name",
    missing: "needed",
    builder: "Advanced filter",
    test: "Field",
    apply: "Apply",
    sentence: "Membership is Gold",
    columns: "Columns",
    entry: "Add an entry",
    deactivate: "Deactivate",
    more: "More actions: Trade fair",
    inactive: "Inactive",
    down: "Move down Referral",
  },
  zh: {
    new: "新建字段",
    kind: "类型",
    choice: "单选",
    zh: "中文名称",
    en: "英文名称",
    key: "标识",
    add: "添加选项",
    code: "代码",
    required: "必填",
    save: "保存",
    created: "字段已创建",
    label: "会员级别",
    gold: "金牌",
    silver: "银牌",
    name: "名称",
    missing: "必填",
    builder: "高级筛选",
    test: "字段",
    apply: "应用筛选",
    sentence: "会员级别 是 金牌",
    columns: "显示的列",
    entry: "添加条目",
    deactivate: "停用",
    more: "更多操作：展会",
    inactive: "已停用",
    down: "下移 客户介绍",
  },
};

for (const language of /** @type {const} */ (["en", "zh"])) {
  const theme = language === "en" ? "light" : "dark";
  journey(`a field is defined, filled in, filtered by and shown (${language})`, async (site) => {
    const admin = await site.registerAdmin();
    await made(admin.api.POST("/api/v1/customers", { body: { name: "Without one", kind: "company", stage: "active" } }));
    const words = WORDS[language];
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/custom-fields");
    await page.getByTestId("new-custom-field").first().click();
    const form = page.locator("form");
    await field(form, words.kind).selectOption({ label: words.choice });
    await field(form, words.zh).first().fill(WORDS.zh.label);
    await field(form, words.en).first().fill(WORDS.en.label);
    await eventually(async () => assert.equal(await field(form, words.key).inputValue(), "membership", "the key follows the label"));
    const choices = page.getByTestId("choices");
    for (const [index, code] of /** @type {const} */ (["gold", "silver"]).entries()) {
      await choices.getByRole("button", { name: words.add }).click();
      const row = choices.locator("li").nth(index);
      await field(row, words.zh).fill(WORDS.zh[code]);
      await field(row, words.en).fill(WORDS.en[code]);
      await field(row, words.code).fill(code);
    }
    await form.getByRole("checkbox", { name: new RegExp(`^${words.required}`) }).check();
    const preview = page.getByTestId("preview");
    await field(preview, words.label).selectOption({ label: words.silver });
    await screenshot(page, `custom-field-form-${language}`);
    await assertAccessible(page, `form of a custom field, ${language}`);
    await form.getByRole("button", { name: words.save, exact: true }).click();
    await visible(page.getByText(words.created));
    await visible(page.getByTestId("custom-fields").getByText(words.label));
    await screenshot(page, `custom-fields-${language}`);

    await open(page, "/customers/new");
    await field(page, words.name).fill("With one");
    await page.getByRole("button", { name: words.save, exact: true }).click();
    const input = field(page, words.label);
    await visible(page.getByRole("alert").filter({ hasText: words.missing }));
    await input.selectOption({ label: words.gold });
    await screenshot(page, `custom-field-filled-in-${language}`);
    await page.getByRole("button", { name: words.save, exact: true }).click();
    await page.waitForURL(/\/customers\/[0-9a-f-]{36}$/);
    await visible(page.locator(`main dl dt:text-is("${words.label}") + dd`).getByText(words.gold));
    await screenshot(page, `custom-field-on-record-${language}`);

    await open(page, "/customers");
    await page.getByRole("button", { name: words.columns }).click();
    await page.getByRole("checkbox", { name: words.label }).check();
    // Anywhere beside the menu closes it.
    await page.mouse.click(5, 700);
    await page.getByRole("button", { name: words.builder }).click();
    const dialog = page.getByRole("dialog");
    const condition = dialog.getByTestId("condition").first();
    await condition.getByRole("combobox", { name: words.test, exact: true }).selectOption({ label: words.label });
    await condition.getByRole("checkbox", { name: words.gold }).check();
    await dialog.getByRole("button", { name: words.apply, exact: true }).click();
    await visible(page.getByTestId("chip").getByText(words.sentence, { exact: true }));
    await settled(page);
    await page.waitForFunction(() => document.querySelectorAll("main tbody tr").length === 1);
    await visible(page.locator(`main tbody td[data-label="${words.label}"]`).getByText(words.gold));
    await screenshot(page, `custom-field-in-list-${language}`);
    await assertAccessible(page, `list with a custom field, ${language}`);
  });

  journey(`a dictionary is edited, and forms offer what it says (${language})`, async (site) => {
    const admin = await site.registerAdmin();
    const words = WORDS[language];
    const page = await site.visit({ as: admin, language, theme });
    await open(page, "/dictionaries?dictionary=customer_source");
    const entries = page.getByTestId("entries");
    await page.getByRole("button", { name: words.entry }).click();
    const dialog = page.getByRole("dialog");
    await field(dialog, words.zh).fill("短视频");
    await field(dialog, words.en).fill("Short video");
    await field(dialog, words.code).fill("short_video");
    await dialog.getByRole("button", { name: words.save, exact: true }).click();
    await visible(entries.getByText("short_video"));

    await page.getByRole("button", { name: words.more }).click();
    await page.getByRole("menuitem", { name: words.deactivate }).click();
    await visible(entries.getByText(words.inactive));
    // By keyboard: one place down.
    await page.getByRole("button", { name: words.down }).focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(
      () => document.querySelectorAll("[data-testid=entries] code")[1]?.textContent === "referral",
    );
    await screenshot(page, `dictionaries-${language}`);
    await assertAccessible(page, `dictionaries, ${language}`);

    const all = await made(admin.api.GET("/api/v1/dictionaries"));
    const sources = all.filter(({ dictionary }) => dictionary === "customer_source").map(({ code }) => code);
    assert.deepEqual([sources[1], sources.at(-1)], ["referral", "short_video"]);
    await open(page, "/customers/new");
    const offered = await page.locator("select:has(option[value=short_video]) option").evaluateAll((options) =>
      options.map((option) => /** @type {HTMLOptionElement} */ (option).value),
    );
    assert.ok(!offered.includes("exhibition"), "what is inactive is not offered");
  });
}
