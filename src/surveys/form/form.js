// Reads the token behind the `#`, asks what is asked, sends the answer. The token goes into the `Authorization`
// header and nowhere else.

import { choice, el, mark, points, scale, text } from "./fields.js";
import { best, direction, words } from "./words.js";

const page = document.getElementById("page");
const token = location.hash.slice(1);
const DIMENSIONS = ["reliability", "assurance", "tangibles", "empathy", "responsiveness"];

let survey;
let language = best(["en", "de"], navigator.languages);
let key = newKey();
// What was answered, by the place of the answer: `item`, `item/expectation`, `comment`, `contact/name`.
const given = new Map();

/** One per page: sent again, the answer counts once. After a refusal the next attempt is another one. */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function call(path, options = {}) {
  const headers = { Authorization: `Bearer ${token}`, ...options.headers };
  try {
    const answer = await fetch(path, { ...options, headers, cache: "no-store", credentials: "omit" });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

function show(title, ...content) {
  document.documentElement.lang = language;
  document.documentElement.dir = direction(language);
  document.title = title;
  page.replaceChildren(...content.filter(Boolean));
}

/** A page that says how it ended, and perhaps offers to try again. */
function end(name, again) {
  const w = words(language);
  const [title, sentence] = w.ends[name];
  show(title, el("h1", {}, title), el("p", { class: "lead" }, sentence),
    again && el("button", { type: "button", class: "main", onclick: again }, w.again));
  page.focus();
}

/** Which end a refusal is, if it is one. */
function ending({ status, body }) {
  if (status === 401) return "invalid";
  if (status === 410) return words(language).ends[body.code] ? body.code : "gone";
  if (status === 429) return "rate_limited";
  return status === 0 || status >= 500 ? "offline" : undefined;
}

async function open() {
  const w = words(language);
  if (!token.startsWith("acc_fb_")) return end("invalid");
  show(w.loading, el("p", { class: "lead", role: "status" }, w.loading));
  const answer = await call("v1/public/survey");
  if (answer.status !== 200) {
    const how = ending(answer) || "offline";
    return end(how, how === "offline" || how === "rate_limited" ? open : undefined);
  }
  survey = answer.body;
  language = survey.language || best(survey.languages, navigator.languages);
  draw();
}

const say = (wording) => wording?.[language] ?? "";

function field(at, extra = {}) {
  return { at, get: () => given.get(at), set: (value) => (value === undefined ? given.delete(at) : given.set(at, value)), ...extra };
}

/** The questions of one item: one, or for a pair two or three. */
function asked(item) {
  const at = item.key;
  if (item.kind !== "pair") return [{ at, item, question: say(item.wording) }];
  const w = words(language);
  return [
    { at: `${at}/expectation`, item, tag: w.expected, question: say(item.expectation_wording) },
    survey.asks_minimum && { at: `${at}/minimum`, item, tag: w.minimum, question: say(item.expectation_wording) },
    { at: `${at}/value`, item, tag: w.lived, question: say(item.wording) },
  ].filter(Boolean);
}

function question(form, { at, item, tag, question: wording }) {
  const of = field(at, { tag, isRequired: item.is_required && !at.endsWith("/minimum") });
  if (item.kind === "choice") return choice(of, form, wording, item.choices, item.is_multiple);
  if (item.kind === "text") return text(of, form, wording, { rows: 4, maxlength: 4000 });
  return scale(of, form, wording, item.scale);
}

function draw() {
  const w = words(language);
  const progress = el("p", { class: "progress" });
  const questions = survey.items.flatMap(asked);
  const form = {
    w, say, places: new Map(),
    changed(at) {
      const place = form.places.get(at);
      if (place && !place.error.hidden) mark(place);
      progress.textContent = w.progress(questions.filter((one) => given.has(one.at)).length, questions.length);
    },
  };
  const alert = el("p", { class: "alert", role: "alert", tabindex: "-1", hidden: true });
  const button = el("button", { type: "submit", class: "main" }, w.send);
  const cards = survey.items.map((item) => el("div", { class: "card" }, ...asked(item).map((one) => question(form, one))));
  const node = el("form", { novalidate: true, autocomplete: "off" },
    survey.needs_customer_ref && el("div", { class: "card" },
      text(field("customer_ref", { isRequired: true, help: w.customerHelp }), form, w.customer, { maxlength: 200 })),
    ...cards,
    survey.asks_importance && el("div", { class: "card" }, points(field("importance"), form)),
    el("div", { class: "card" }, ...closing(form)),
    alert,
    el("div", { class: "foot" }, progress, button));
  node.addEventListener("submit", (event) => { event.preventDefault(); send(form, questions, alert, button); });
  const mayBeSkipped = survey.items.some((item) => !item.is_required);
  show(say(survey.title), languages(), el("h1", {}, say(survey.title)),
    say(survey.introduction) && el("p", { class: "lead" }, say(survey.introduction)),
    mayBeSkipped && el("p", { class: "help" }, w.optionalNote), node);
  form.changed();
}

function languages() {
  if (survey.languages.length < 2) return "";
  const name = (one) => { try { return new Intl.DisplayNames([one], { type: "language" }).of(one); } catch { return one; } };
  const select = el("select", {
    id: "language",
    onchange: () => { language = select.value; draw(); document.getElementById("language").focus(); },
  }, ...survey.languages.map((one) => el("option", { value: one, lang: one, selected: one === language }, name(one))));
  return el("div", { class: "language" }, el("label", { for: "language" }, words(language).language), select);
}

/** What is asked at the end of every form. */
function closing(form) {
  const { w } = form;
  const share = el("input", { type: "checkbox", id: "share", checked: given.get("share") === true, onchange: () => given.set("share", share.checked) });
  const contact = ["name", "email", "phone"].map((one) => {
    const type = { name: "text", email: "email", phone: "tel" }[one];
    return text(field(`contact/${one}`), form, w[one], { type, maxlength: one === "phone" ? 50 : 200, autocomplete: { name: "name", email: "email", phone: "tel" }[one] });
  });
  const isOpen = ["name", "email", "phone"].some((one) => given.has(`contact/${one}`));
  return [
    text(field("comment"), form, w.comment, { rows: 3, maxlength: 4000 }),
    el("label", { class: "option", for: "share" }, share, el("span", {}, w.share)),
    text(field("compliment"), form, w.compliment, { rows: 2, maxlength: 2000 }),
    el("details", { open: isOpen }, el("summary", {}, w.contact), el("p", { class: "help" }, w.contactHelp), ...contact),
  ];
}

/** What is wrong with what was given, by its place. */
function wrong(form, questions) {
  const { w } = form;
  const found = new Map();
  if (survey.needs_customer_ref && !given.has("customer_ref")) found.set("customer_ref", w.missing);
  for (const { at, item } of questions) {
    const value = given.get(at);
    if (value === undefined && item.is_required && !at.endsWith("/minimum")) found.set(at, w.missing);
    if (typeof value === "number") {
      const { min, max, step } = item.scale;
      if (!(value >= min && value <= max && (value - min) % step === 0)) found.set(at, w.notANumber(min, max));
    }
  }
  const importance = given.get("importance");
  if (importance) {
    const values = DIMENSIONS.map((one) => importance[one] ?? 0);
    const isWhole = values.every((one) => Number.isInteger(one) && one >= 0);
    if (!isWhole || values.reduce((sum, one) => sum + one, 0) !== 100) found.set("importance", w.notHundred);
  }
  const email = given.get("contact/email");
  if (email && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email.trim())) found.set("contact/email", w.notAnEmail);
  return found;
}

/** The answer as it is sent: what was not answered is left out. */
function body() {
  const answers = survey.items.flatMap((item) => {
    const value = given.get(item.key);
    if (item.kind === "pair") {
      const parts = ["expectation", "minimum", "value"].map((part) => [part, given.get(`${item.key}/${part}`)]);
      const known = Object.fromEntries(parts.filter(([, one]) => one !== undefined));
      return Object.keys(known).length ? [{ item: item.key, ...known }] : [];
    }
    const member = { scale: "value", choice: "choices", text: "text" }[item.kind];
    const said = typeof value === "string" ? value.trim() : value;
    return said === undefined ? [] : [{ item: item.key, [member]: said }];
  });
  const isWorded = given.has("comment") || given.has("compliment");
  const sent = { language, answers, is_comment_shared: isWorded && given.get("share") === true };
  for (const one of ["comment", "compliment", "customer_ref"]) if (given.has(one)) sent[one] = given.get(one).trim();
  const points = given.get("importance");
  if (points) sent.importance = Object.fromEntries(DIMENSIONS.map((one) => [one, points[one] ?? 0]));
  const contact = ["name", "email", "phone"].filter((one) => given.has(`contact/${one}`));
  if (contact.length) sent.contact = Object.fromEntries(contact.map((one) => [one, given.get(`contact/${one}`).trim()]));
  return sent;
}

async function send(form, questions, alert, button) {
  const { w } = form;
  const found = wrong(form, questions);
  if (complain(form, alert, found)) return;
  const sent = body();
  if (!sent.answers.length && !sent.comment && !sent.compliment) return tell(alert, w.nothing);
  alert.hidden = true;
  button.disabled = true;
  button.textContent = w.sending;
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const answer = await call("v1/public/feedback", { method: "POST", headers, body: JSON.stringify(sent) });
  button.disabled = false;
  button.textContent = w.send;
  // Under this key something else has arrived: the first attempt, whose answer was lost.
  if (answer.status === 201 || answer.body.code === "idempotency_key_reused") return done(answer.body);
  const how = ending(answer);
  if (how === "offline" || how === "rate_limited") return tell(alert, w.ends[how].join(". "));
  if (how) return end(how);
  key = newKey();
  complain(form, alert, refused(form, sent, answer.body.errors || [])) || tell(alert, `${w.refused} ${answer.body.detail ?? ""}`);
}

/** Where the places of a refusal stand in the form: `#/answers/2/value` is what the third answer is about. */
function refused(form, sent, errors) {
  const found = new Map();
  for (const { pointer, detail } of errors) {
    const [first, second, third] = (pointer || "").replace(/^#\//, "").split("/");
    const item = first === "answers" ? sent.answers[Number(second)]?.item : undefined;
    const at = [item && `${item}/${third}`, item, item && `${item}/value`, `${first}/${second}`, first].find((one) => form.places.has(one));
    if (at) found.set(at, detail);
  }
  return found;
}

/** Says what is wrong beside each field and leads to the first. */
function complain(form, alert, found) {
  for (const [at, place] of form.places) mark(place, found.get(at));
  if (!found.size) return false;
  tell(alert, form.w.problems(found.size), false);
  const first = [...form.places].find(([at]) => found.has(at))[1].node;
  first.closest("details")?.setAttribute("open", "");
  first.querySelector("input, textarea").focus();
  first.scrollIntoView({ block: "center" });
  return true;
}

function tell(alert, message, isFocused = true) {
  alert.textContent = message;
  alert.hidden = false;
  if (isFocused) alert.focus();
}

function done({ receipt }) {
  const w = words(language);
  show(w.thanks, el("h1", {}, w.thanks), el("p", { class: "lead" }, say(survey.thanks) || w.thanksText),
    receipt && el("p", { class: "help" }, `${w.receipt}: `, el("code", {}, receipt)));
  page.focus();
  scrollTo(0, 0);
}

open();
