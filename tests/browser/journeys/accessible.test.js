// What a machine can tell about accessibility, on every kind of page, in both themes.

import { assertAccessible } from "../harness/browser.js";
import { company } from "../harness/company.js";
import { journey, open, visible } from "../harness/journey.js";

for (const theme of /** @type {const} */ (["light", "dark"])) {
  journey(`axe finds nothing serious in the ${theme} theme`, async (site) => {
    const admin = await site.registerAdmin();
    const pages = await company(admin);
    const stranger = await site.visit({ theme });
    await stranger.goto("/login");
    await visible(stranger.getByRole("heading", { name: "Log in" }));
    await assertAccessible(stranger, `log-in, ${theme}`);

    const page = await site.visit({ as: admin, theme });
    for (const [name, address] of Object.entries(pages)) {
      await open(page, address);
      await assertAccessible(page, `${name}, ${theme}`);
    }
  });
}
