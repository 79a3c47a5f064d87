// Opens the documentation page in a real browser and uses it as a reader would.
//
//   node tests/contract/docs.mjs BASE_URL TOKEN [SCREENSHOT]
//
// Fails on any console error, content security policy violation, failed or
// refused load, or request to another host. Signs in through "Authorize", runs
// `listSuppliers`, reloads, and runs it again without signing in again.
//
// Needs playwright-core (found beside this file, in the working directory or
// through NODE_PATH) and a Chromium, whose path CHROMIUM may give.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";

const OPERATION = "listSuppliers";
const TIMEOUT = 30_000;

const [baseArgument, token, screenshot] = process.argv.slice(2);
if (!baseArgument || !token) {
  console.error("usage: node docs.mjs BASE_URL TOKEN [SCREENSHOT]");
  process.exit(2);
}
const origin = new URL(baseArgument).origin;

const { chromium } = load("playwright-core");

// What went wrong, each thing once: the page draws itself many times over.
const problems = new Set();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

try {
  const page = await open(browser);
  await checkPage(page);

  await authorize(page);
  await execute(page, "after signing in");

  await page.reload({ waitUntil: "networkidle" });
  await execute(page, "after a reload");

  if (screenshot) {
    await page.screenshot({ path: screenshot, fullPage: true });
  }
} catch (error) {
  problems.add(error.stack ?? String(error));
} finally {
  await browser.close();
}

if (problems.size > 0) {
  for (const problem of problems) {
    console.error(`FAIL ${problem}`);
  }
  process.exitCode = 1;
} else {
  console.log(`ok   ${origin}/docs: signed in, ${OPERATION} gave 200, and again after a reload`);
}

/** Finds a package beside this file, on NODE_PATH or in the working directory. */
function load(name) {
  try {
    return createRequire(import.meta.url)(name);
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
    return createRequire(join(process.cwd(), "package.json"))(name);
  }
}

/** Opens a page on which everything that must not happen is written down. */
async function open(browser) {
  const context = await browser.newContext({
    serviceWorkers: "block",
    viewport: { width: 1280, height: 900 },
  });
  context.setDefaultTimeout(TIMEOUT);

  // Nothing may leave the host: such a request is recorded and never sent.
  await context.route(
    (url) => /^https?:$/.test(url.protocol) && url.origin !== origin,
    (route) => {
      problems.add(`request to another host: ${route.request().url()}`);
      return route.abort();
    },
  );

  await context.exposeBinding("reportViolation", (_source, text) => {
    problems.add(`content security policy violation: ${text}`);
  });
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const { effectiveDirective, blockedURI, sourceFile, lineNumber, sample } = event;
      window.reportViolation(`${effectiveDirective} blocked ${blockedURI} at ${sourceFile}:${lineNumber} ${sample}`);
    });
  });

  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") problems.add(`console error: ${message.text()}`);
  });
  page.on("pageerror", (error) => problems.add(`uncaught error: ${error.message}`));
  page.on("websocket", (socket) => problems.add(`unexpected web socket: ${socket.url()}`));
  page.on("requestfailed", (request) => {
    problems.add(`request failed: ${request.url()}: ${request.failure()?.errorText}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problems.add(`${response.status()} for ${response.url()}`);
  });
  return page;
}

/** Loads the page and checks what the server sends with it. */
async function checkPage(page) {
  const response = await page.goto(`${origin}/docs`, { waitUntil: "load" });
  assert.equal(response.status(), 200, "status of /docs");

  const policy = response.headers()["content-security-policy"] ?? "";
  assert.match(policy, /default-src 'none'/, "the policy starts from nothing");
  assert.doesNotMatch(policy, /'unsafe-/, "the policy has no unsafe exception");
  assert.equal(await page.title(), "Accord API");

  // A headless browser does not load the icon by itself, so ask for every file.
  const files = await page
    .locator("link[href], script[src]")
    .evaluateAll((elements) => elements.map((element) => element.href || element.src));
  for (const file of files) {
    assert.equal(new URL(file).origin, origin, `host of ${file}`);
    const { status } = await fetch(file);
    assert.equal(status, 200, `status of ${file}`);
  }

  await page.locator(".swagger-ui .info .title").waitFor();
  assert.equal(await page.locator(".swagger-ui .topbar").count(), 0, "there is no top bar");
  assert.equal(await page.locator(".swagger-ui .errors-wrapper").count(), 0, "the description has no errors");
}

/** Signs in through the dialogue, as a reader would. */
async function authorize(page) {
  await page.locator(".auth-wrapper .btn.authorize").click();
  const bearer = page.locator(".dialog-ux .auth-container").filter({ hasText: /bearerAuth/ });
  await bearer.locator("input").fill(token);
  await bearer.locator("button.authorize").click();
  await bearer.getByRole("button", { name: /logout|remove authorization/i }).waitFor();
  await page.locator(".dialog-ux .btn-done").first().click();
  await page.locator(".dialog-ux").waitFor({ state: "detached" });
}

/** The group in which the document lists an operation. */
async function tagOf(operationId) {
  const { paths } = await (await fetch(`${origin}/openapi.json`)).json();
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
  return operations.find((operation) => operation.operationId === operationId).tags[0];
}

/** Presses a button; again, as a reader would, when the page redrew itself under the first press. */
async function requestAfter(page, button, presses = 3) {
  const isCall = (candidate) => candidate.resourceType() === "fetch";
  const sent = page.waitForRequest(isCall, { timeout: 10_000 }).catch((error) => error);
  await button.click();
  const request = await sent;
  if (!(request instanceof Error)) {
    return request;
  }
  if (presses === 1) {
    const shown = await page.locator(".opblock.is-open").first().innerText();
    throw new Error(`${request.message}\nThe page shows:\n${shown.slice(0, 1500)}`);
  }
  return requestAfter(page, button, presses - 1);
}

/** Opens the operation if it is closed, runs it and expects 200. */
async function execute(page, when) {
  await page.locator(".swagger-ui .opblock-tag-section").first().waitFor();

  const block = page.locator(`.opblock[id$="-${OPERATION}"]`);
  const group = page.locator(`.opblock-tag[data-tag="${await tagOf(OPERATION)}"]`);
  if ((await group.getAttribute("data-is-open")) === "false") {
    await group.click();
  }
  await block.waitFor();
  assert.equal(await block.count(), 1, `${OPERATION} is listed once`);

  const button = block.locator("button.execute");
  if (!(await block.evaluate((element) => element.classList.contains("is-open")))) {
    await block.locator(".opblock-summary-control").click();
  }
  await button.waitFor();

  const request = await requestAfter(page, button);
  const headers = await request.allHeaders();
  assert.equal(headers.authorization, `Bearer ${token}`, `the request carries the token ${when}`);

  const status = block.locator(".live-responses-table .response .response-col_status");
  await status.waitFor();
  const shown = (await status.innerText()).trim();
  assert.match(shown, /^200\b/, `status shown ${when}: ${shown}`);
}
