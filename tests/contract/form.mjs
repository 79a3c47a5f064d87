// Opens the form behind a survey link in a real browser and answers it as a customer would.
//
//   node tests/contract/form.mjs BASE_URL TOKEN [FOLDER]
//
// TOKEN is an access token of an owner: surveys and links are made with it. What the server answers to an answer is
// played here, so that every ending is seen: nothing is stored. Fails on any console error, content security policy
// violation, request to another host, a token in an address, or a form that cannot be used with the keyboard alone.
// Pictures of what was seen go to FOLDER.
//
// Needs playwright-core and a Chromium, as docs.mjs does.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const [baseArgument, token, folder] = process.argv.slice(2);
if (!baseArgument || !token) {
  console.error("usage: node form.mjs BASE_URL TOKEN [FOLDER]");
  process.exit(2);
}
const origin = new URL(baseArgument).origin;
const { chromium } = createRequire(import.meta.url)("playwright-core");
const problems = new Set();

async function api(method, path, body) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const answer = await fetch(origin + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

const words = (en, de) => ({ en, de });
const everything = {
  languages: ["en", "de"],
  title: words("Your lift was repaired", "Ihr Aufzug wurde repariert"),
  introduction: words("Three minutes, so that the next visit is better.", "Drei Minuten, damit der nächste Besuch besser wird."),
  thanks: words("Thank you, that helps.", "Danke, das hilft."),
  asks_importance: true,
  asks_minimum: true,
  items: [
    { key: "visit", kind: "scale", measure: "csat", is_required: true, wording: words("How satisfied are you with the visit?", "Wie zufrieden sind Sie mit dem Besuch?"),
      scale: { min: 1, max: 5, min_label: words("Very dissatisfied", "Sehr unzufrieden"), max_label: words("Very satisfied", "Sehr zufrieden") } },
    { key: "recommend", kind: "scale", measure: "nps", wording: words("Would you recommend us?", "Würden Sie uns empfehlen?"),
      scale: { min: 0, max: 10, min_label: words("Not at all", "Gar nicht"), max_label: words("Certainly", "Auf jeden Fall") } },
    { key: "agreed", kind: "pair", dimension: "reliability", wording: words("It was done on the agreed day.", "Es wurde am vereinbarten Tag erledigt."),
      expectation_wording: words("What is agreed should be done on the day.", "Was vereinbart ist, sollte am Tag erledigt sein."),
      scale: { min: 1, max: 7, min_label: words("I do not agree at all", "Stimme gar nicht zu"), max_label: words("I fully agree", "Stimme voll zu") } },
    { key: "waited", kind: "scale", wording: words("How many minutes did you wait?", "Wie viele Minuten haben Sie gewartet?"), scale: { min: 0, max: 100, direction: "lower_is_better" } },
    { key: "who", kind: "choice", is_multiple: true, wording: words("Who helped you?", "Wer hat Ihnen geholfen?"),
      choices: [{ key: "technician", wording: words("The technician", "Der Techniker") }, { key: "office", wording: words("The office", "Das Büro") }] },
    { key: "when", kind: "choice", wording: words("When was it?", "Wann war es?"),
      choices: [{ key: "day", wording: words("By day", "Tagsüber") }, { key: "night", wording: words("At night", "Nachts") }] },
    { key: "why", kind: "text", is_required: true, wording: words("Why?", "Warum?") },
  ],
};

async function survey(new_) {
  const { id } = await api("POST", "/v1/surveys", { name: "Form", ...new_ });
  await api("POST", `/v1/surveys/${id}/publish`);
  return id;
}

const supplier = (await api("POST", "/v1/suppliers", { kind: "company", name: "Secret Supplier" })).id;
const own = await survey({ instrument: "custom", terms: everything });
const gaps = await survey({ instrument: "servqual22" });
const link = (survey_id, more) => api("POST", "/v1/survey-links", { survey_id, supplier_id: supplier, ...more });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});

/** A page on which everything that must not happen is written down. */
async function open(made, options = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: "en-GB", ...options });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const secret = made.token;
  page.on("console", (message) => {
    // A refusal that was played is an error of the console, too.
    if (message.type() === "error" && !/status of (401|410|422|429|503)|ERR_INTERNET_DISCONNECTED|ERR_FAILED/.test(message.text())) problems.add(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.add(`uncaught: ${error.message}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !url.startsWith("data:")) problems.add(`another host: ${url}`);
    if (secret && (url.split("#")[0].includes(secret) || (request.postData() ?? "").includes(secret))) problems.add(`the token is in ${url}`);
    const referer = request.headers().referer ?? "";
    if (secret && referer.includes(secret)) problems.add("the token is in the referrer");
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.effectiveDirective} ${event.blockedURI}`));
  });
  await page.goto(`${origin}/s#${made.token ?? made}`);
  return page;
}

const picture = (page, name) => (folder ? page.screenshot({ path: join(folder, `${name}.png`), fullPage: true }) : undefined);
const heading = (page) => page.locator("h1").first().innerText();

/** Plays the server's answer; what was sent is kept. */
async function play(page, ...answers) {
  const sent = [];
  await page.route("**/v1/public/feedback", (route) => {
    const request = route.request();
    sent.push({ headers: request.headers(), body: request.postDataJSON() });
    const [status, body] = answers.length > 1 ? answers.shift() : answers[0];
    return status === 0 ? route.abort("internetdisconnected") : route.fulfill({ status, contentType: "application/json", body: JSON.stringify(body) });
  });
  return sent;
}

const arrived = [201, { receipt: "FB-7K2M-Q9", created_at: "2026-11-21T19:05:00.000Z" }];

async function answersEverything() {
  const page = await open(await link(own));
  const sent = await play(page, [422, { code: "rule_violated", detail: "No.", errors: [{ pointer: "#/answers/0/value", code: "rule_violated", detail: "Not on the scale." }] }], [0], [201, arrived[1]]);
  await page.getByRole("heading", { name: everything.title.en }).waitFor();
  assert.equal(await page.locator("input:checked").count(), 0, "nothing is chosen beforehand");
  await picture(page, "phone-empty");
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "it fits a phone");

  await page.getByRole("button", { name: "Send" }).click();
  assert.equal(sent.length, 0, "nothing is sent while something is missing");
  assert.equal(await page.locator(".error:visible").count(), 2);
  assert.match(await page.getByRole("alert").innerText(), /2 things/);
  assert.ok(await page.evaluate(() => document.activeElement.name && document.activeElement.type === "radio"), "the first of them has the focus");
  await picture(page, "phone-missing");

  const group = (name) => page.getByRole("group", { name });
  await group(/How satisfied/).getByRole("radio", { name: "4" }).check();
  await group(/recommend/).getByRole("radio", { name: /^0/ }).check();
  await group(/recommend/).getByRole("button", { name: "Clear" }).click();
  assert.equal(await group(/recommend/).locator("input:checked").count(), 0, "an answer can be taken back");
  await group(/What you expect/).getByRole("radio", { name: "7 I fully agree" }).check();
  await group(/How it was/).getByRole("radio", { name: "3", exact: true }).check();
  await group(/minutes/).getByRole("spinbutton").fill("250");
  await group(/Who helped/).getByRole("checkbox", { name: "The office" }).check();
  await group(/Who helped/).getByRole("checkbox", { name: "The technician" }).check();
  await group(/When/).getByRole("radio", { name: "At night" }).check();
  await page.getByLabel("Why?").fill("  It took two visits.  ");
  const importance = group(/How important/);
  await importance.getByRole("spinbutton").nth(0).fill("60");
  await page.getByText("May we come back to you?").click();
  await page.getByLabel("E-mail").fill("nobody");
  await page.getByRole("button", { name: "Send" }).click();
  assert.equal(await page.locator(".error:visible").count(), 3, "a number, the points and the address");
  await group(/minutes/).getByRole("spinbutton").fill("25");
  await importance.getByRole("spinbutton").nth(4).fill("40");
  await page.getByLabel("E-mail").fill("jo@example.com");
  await page.getByLabel("Anything else").fill("Friendly people.");

  // In another language the answers stay.
  await page.getByLabel("Language").selectOption("de");
  assert.equal(await heading(page), everything.title.de);
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
  assert.equal(await page.locator("input:checked").count(), 6);
  await picture(page, "phone-german-filled");
  await page.getByLabel("Sprache").selectOption("en");

  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("Not on the scale.").waitFor();
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/could not be reached/).waitFor();
  await picture(page, "phone-offline");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText("Thank you, that helps.").waitFor();
  await picture(page, "phone-thanks");

  const keys = sent.map(({ headers }) => headers["idempotency-key"]);
  assert.notEqual(keys[0], keys[1], "after a refusal it is another attempt");
  assert.equal(keys[1], keys[2], "the same attempt is sent again");
  assert.deepEqual(sent[2].body, {
    language: "en",
    answers: [
      { item: "visit", value: 4 },
      { item: "agreed", expectation: 7, value: 3 },
      { item: "waited", value: 25 },
      { item: "who", choices: ["office", "technician"] },
      { item: "when", choices: ["night"] },
      { item: "why", text: "It took two visits." },
    ],
    is_comment_shared: false,
    comment: "Friendly people.",
    importance: { reliability: 60, assurance: 0, tangibles: 40, empathy: 0, responsiveness: 0 },
    contact: { email: "jo@example.com" },
  });
  assert.match(sent[2].headers.authorization, /^Bearer acc_fb_/);
  await page.context().close();
}

/** With the keyboard alone: from the first question to the end. */
async function needsNoMouse() {
  const short = await survey({ instrument: "nps11" });
  const page = await open(await link(short, { max_uses: 20 }), { viewport: { width: 1280, height: 900 } });
  const sent = await play(page, arrived);
  await page.getByLabel(/customer or order number/).waitFor();
  const at = () => page.evaluate(() => document.activeElement.getAttribute("value") ?? document.activeElement.tagName);
  await page.getByLabel(/customer or order number/).focus();
  await page.keyboard.type("C-4711");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowLeft");
  assert.equal(await at(), "10", "arrows go round the scale");
  await picture(page, "desktop-keyboard");
  for (let steps = 0; steps < 12 && !(await page.evaluate(() => document.activeElement.type === "submit")); steps += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByText(/helps us/).waitFor();
  assert.deepEqual(sent[0].body, { language: "en", answers: [{ item: "recommend", value: 10 }], is_comment_shared: false, customer_ref: "C-4711" });
  await page.context().close();
}

async function showsGapsInTheDark() {
  const page = await open(await link(gaps, { language: "de" }), { colorScheme: "dark", viewport: { width: 1280, height: 900 } });
  await page.getByRole("heading", { name: "Was Sie erwarten" }).waitFor();
  assert.equal(await page.locator("fieldset").count(), 22 * 2 + 1);
  await page.getByRole("radio").nth(5).check();
  await page.getByRole("button", { name: "Absenden" }).scrollIntoViewIfNeeded();
  assert.match(await page.locator(".progress").innerText(), /1 von 44/);
  if (folder) await page.screenshot({ path: join(folder, "desktop-dark-german.png"), clip: { x: 0, y: 0, width: 1280, height: 1400 }, fullPage: true });
  await page.context().close();
  const german = await open(await link(gaps), { locale: "de-AT" });
  await german.getByRole("heading", { name: "Was Sie erwarten" }).waitFor();
  await german.context().close();
}

async function saysHowItEnded() {
  const revoked = await link(own);
  await api("POST", `/v1/survey-links/${revoked.id}/revoke`);
  for (const [made, title] of [["", /not complete/], ["acc_fb_wrong", /not complete/], [revoked, /closed/]]) {
    const page = await open(made);
    await page.getByRole("heading", { name: title }).waitFor();
    await picture(page, `phone-end-${made.id ? "gone" : made || "none"}`);
    await page.context().close();
  }
  for (const [answer, title] of [
    [[410, { code: "link_used_up" }], /used already/], [[410, { code: "link_expired" }], /over/], [[401, { code: "invalid_token" }], /not complete/],
    [[201, arrived[1]], /Thank you/], [[422, { code: "idempotency_key_reused" }], /Thank you/],
  ]) {
    const page = await open(await link(await survey({ instrument: "csat5" })));
    await play(page, answer);
    await page.getByRole("radio", { name: /5/ }).check();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: title }).waitFor();
    await page.context().close();
  }
  const page = await open(await link(own));
  await play(page, [429, { code: "rate_limited" }]);
  await page.getByRole("group", { name: /How satisfied/ }).getByRole("radio", { name: /5/ }).check();
  await page.getByLabel("Why?").fill("So.");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/Too many at once/).waitFor();
  assert.equal(await page.getByLabel("Why?").inputValue(), "So.", "what was entered stays");
  await page.context().close();
}

try {
  for (const check of [answersEverything, needsNoMouse, showsGapsInTheDark, saysHowItEnded]) {
    await check();
    console.log(`ok   ${check.name}`);
  }
} catch (error) {
  problems.add(error.stack ?? String(error));
} finally {
  await browser.close();
}

for (const problem of problems) console.error(`FAIL ${problem}`);
process.exitCode = problems.size > 0 ? 1 : 0;
