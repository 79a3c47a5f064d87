// A supplier assesses itself: it accepts its invitation, answers, proves, submits, is asked for more and submits
// again, all through the client that openapi-typescript made from the published document. Staff do their part in
// between. Run by ./run.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Schemas = components["schemas"];
type Answer = Schemas["AssessmentAnswer"];
type Api = ReturnType<typeof signedIn>;

const { ACCORD_URL, ACCORD_TOKEN } = process.env;
assert(ACCORD_URL && ACCORD_TOKEN, "ACCORD_URL and ACCORD_TOKEN are needed");
const baseUrl = ACCORD_URL;
const signedIn = (token: string) => createClient<paths>({ baseUrl, headers: { Authorization: `Bearer ${token}` } });

// The data of an answer, or the problem as a readable failure.
function expect<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  assert(answer.data !== undefined, `${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

// The problem of an answer that has to be one.
function refused<T extends { code: string }>(answer: { error?: T; response: Response }, status: number, code: string): T {
  assert(answer.error, `${answer.response.status} where ${status} ${code} was expected`);
  assert.deepEqual([answer.response.status, answer.error.code], [status, code]);
  return answer.error;
}

const told = (line: string): void => console.log(`  ${line}`);

// ── Before: what staff prepare ──

const terms: Schemas["NewQuestionnaireTerms"] = {
  title: "How well do you deliver?",
  sections: [
    {
      key: "deadlines", title: "Deadlines", weight: 6000,
      questions: [
        {
          key: "measured", kind: "yes_no", wording: "Do you measure how many deadlines you keep?", is_required: true,
          weight: 4000, good_answer: "yes", pass_rule: { must_be_in: ["yes"] },
        },
        {
          key: "share", kind: "number", title: "Share kept", wording: "How many did you keep last year?", is_required: true,
          bounds: { min: 0, max: 100, unit: "%" }, evidence: "required",
          condition: { question: "measured", is_in: ["yes"] },
        },
        {
          key: "warning", kind: "scale", wording: "How reliably do you warn customers of a delay?", is_required: true,
          weight: 6000, scale: { min: 1, max: 5 }, attribute: "honest",
        },
      ],
    },
    {
      key: "conduct", title: "Conduct", weight: 4000,
      questions: [
        {
          key: "complaints", kind: "single", wording: "How fast do you answer complaints?", is_required: true,
          weight: 10000, attribute: "responds_to_criticism",
          choices: [
            { key: "day", label: "Within a day", score: 100 },
            { key: "week", label: "Within a week", score: 50 },
            { key: "later", label: "Later", score: 0 },
          ],
        },
        {
          key: "fined", kind: "yes_no", wording: "Were you fined last year?", is_required: true,
          pass_rule: { must_be_in: ["no"], is_discretionary: true },
        },
        { key: "insured_until", kind: "date", wording: "Until when are you insured?", is_required: true },
      ],
    },
  ],
};

const staff = signedIn(ACCORD_TOKEN);
const run = randomBytes(4).toString("hex");
const year = new Date().getUTCFullYear();
const email = `jo-${run}@example.com`;

const supplier = expect(await staff.POST("/v1/suppliers", { body: { kind: "company", name: `Better Parcels ${run}` } }));
const invitation = expect(
  await staff.POST("/v1/invitations", { body: { email, role: "supplier_admin", supplier_id: supplier.id } }),
);
assert(invitation.accept_token, "with a mail server the token is in the mail only");
const questionnaire = expect(await staff.POST("/v1/questionnaires", { body: { name: `Deliveries ${run}`, terms } }));
const published = expect(
  await staff.POST("/v1/questionnaires/{questionnaire_id}/publish", {
    params: { path: { questionnaire_id: questionnaire.id } },
  }),
);
assert.deepEqual([published.status, published.version], ["published", 1]);
console.log(`Staff invite ${email} of ${supplier.name}.`);

// ── The supplier comes in ──

const password = randomBytes(18).toString("base64url");
const stranger = createClient<paths>({ baseUrl });
const acceptance = { token: invitation.accept_token, name: "Jo Parcel", password };
const joined = expect(await stranger.POST("/v1/invitations/accept", { body: acceptance }));
assert.deepEqual([joined.email, joined.role, joined.supplier_id], [email, "supplier_admin", supplier.id]);
refused(await stranger.POST("/v1/invitations/accept", { body: acceptance }), 410, "invitation_expired");

const session = expect(await stranger.POST("/v1/auth/login", { body: { email, password } }));
const jo = signedIn(session.access_token);
const me = expect(await jo.GET("/v1/me"));
assert.deepEqual([me.name, me.supplier_id], ["Jo Parcel", supplier.id]);
console.log(`The supplier accepts and signs in as ${me.name}.`);

// ── It is asked ──

const assigned = expect(
  await staff.POST("/v1/assessments", {
    body: {
      questionnaire_id: questionnaire.id, supplier_ids: [supplier.id],
      period_from: `${year}-01-01`, period_to: `${year}-12-31`, due_on: `${year + 1}-01-31`,
    },
  }),
);
assert.equal(assigned.assessments.length, 1);
console.log("Staff assign a questionnaire; the supplier finds it:");

const tasks = expect(await jo.GET("/v1/me/tasks"));
assert.deepEqual(tasks.data.map((task) => task.kind), ["assessment.answer"]);
const mine = expect(await jo.GET("/v1/assessments", { params: { query: { status: ["assigned"] } } }));
assert.equal(mine.data.length, 1);
const [assessment] = mine.data;
assert(assessment);
assert.equal(assessment.id, assigned.assessments[0]?.id);
assert.equal(assessment.id, tasks.data[0]?.resource_id);
const path = { assessment_id: assessment.id };
const asked = expect(await jo.GET("/v1/assessments/{assessment_id}/questionnaire", { params: { path } }));
const questions = asked.terms.sections.flatMap((section) => section.questions);
assert.equal(questions.length, 6);
told(`“${asked.terms.title}”, ${questions.length} questions, due on ${assessment.due_on}`);

// ── It answers ──

const state = async (api: Api): Promise<Schemas["Assessment"]> =>
  expect(await api.GET("/v1/assessments/{assessment_id}", { params: { path } }));
const completeness = async (): Promise<Schemas["Completeness"]> =>
  expect(await jo.GET("/v1/assessments/{assessment_id}/completeness", { params: { path } }));
const answerTo = async (question: string): Promise<Answer> =>
  expect(await jo.GET("/v1/assessments/{assessment_id}/answers/{question}", { params: { path: { ...path, question } } }));

// Changes the answer that stands at this revision, and no other.
const say = (question: string, revision: number, body: Schemas["AnswerChange"]) =>
  jo.PATCH("/v1/assessments/{assessment_id}/answers/{question}", {
    params: { path: { ...path, question }, header: { "If-Match": `"${revision}"` } },
    body,
  });
const submit = () =>
  jo.POST("/v1/assessments/{assessment_id}/submit", {
    params: { path },
    body: { name: "Jo Parcel", position: "Managing director", statement: "All of this is true." },
  });

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes);
// The document's word for a file is a string of bytes; the bytes themselves are what is sent.
const upload = (filename: string, type: string, bytes: Uint8Array, digest: string) =>
  jo.POST("/v1/files", {
    params: { query: { filename }, header: { "Repr-Digest": `sha-256=:${digest}:` } },
    headers: { "Content-Type": type },
    body: "",
    bodySerializer: () => bytes,
  });
async function uploaded(filename: string, type: string, text: string): Promise<Schemas["StoredFile"]> {
  const bytes = new TextEncoder().encode(text);
  const file = expect(await upload(filename, type, bytes, sha256(bytes).digest("base64")));
  assert.deepEqual(
    [file.sha256, file.size, file.supplier_id, file.status],
    [sha256(bytes).digest("hex"), bytes.length, supplier.id, "available"],
  );
  return file;
}

const what = new Map<string, Schemas["NewGiven"]>([
  ["measured", { yes: true }],
  ["share", { number: 96.5 }],
  ["warning", { number: 5 }],
  ["complaints", { choices: ["week"] }],
  ["fined", { yes: false }],
  ["insured_until", { date: `${year + 2}-06-30` }],
]);

// As a person would: what is missing is answered, until nothing is.
console.log("It answers what is missing, one by one:");
const early = refused(await submit(), 422, "missing_answers");
const first = await completeness();
assert.deepEqual([first.is_complete, first.n_asked, first.n_answered], [false, 5, 0]);
assert.deepEqual(early.errors?.map((one) => one.pointer), first.missing.map((one) => one.pointer));
const order: string[] = [];
for (let report = first; !report.is_complete; report = await completeness()) {
  const [missing] = report.missing;
  assert(missing);
  const { question, code } = missing;
  const before = await answerTo(question);
  order.push(`${question} ${code}`);
  if (code === "missing_evidence") {
    const csv = `order,due,delivered\r\n1001,${year}-03-02,${year}-03-02\r\n1002,${year}-03-09,${year}-03-11\r\n`;
    const file = await uploaded("deliveries.csv", "text/csv", csv);
    const proven = expect(await say(question, before.revision, { evidence: [file.id] }));
    assert.deepEqual(proven.evidence.map((one) => one.id), [file.id]);
    told(`${question}: proven by ${file.filename}, ${file.size} bytes`);
  } else {
    const given = what.get(question);
    assert(given && before.revision === 0);
    const said = expect(await say(question, 0, { given }));
    assert.deepEqual([said.revision, said.verdict, said.is_asked], [1, "open", true]);
    told(`${question}: ${JSON.stringify(given)}, ${said.outcome}`);
  }
}
assert.deepEqual(order, [
  "measured missing_answer",
  "share missing_answer", // asked only since `measured` is a yes
  "share missing_evidence",
  "warning missing_answer",
  "complaints missing_answer",
  "fined missing_answer",
  "insured_until missing_answer",
]);
assert.equal((await state(jo)).status, "in_progress");

// What must not go through does not.
refused(await say("warning", 0, { given: { number: 1 } }), 412, "etag_mismatch");
refused(await say("warning", 1, { given: { number: 6 } }), 422, "rule_violated");
const torn = new TextEncoder().encode("order,due,deliv");
const wrong = await upload("torn.csv", "text/csv", torn, sha256(new Uint8Array()).digest("base64"));
refused(wrong, 422, "file_digest_mismatch");
assert.deepEqual((await answerTo("warning")).given?.number, 5);
told("refused: somebody's old revision, a 6 of 5, a file that is not what was sent");

const submitted = expect(await submit());
assert.deepEqual([submitted.status, submitted.attested?.name, submitted.self_score], ["submitted", "Jo Parcel", 80]);
refused(await say("warning", 1, { given: { number: 4 } }), 409, "invalid_state");
console.log(`It submits, attested by ${submitted.attested?.name}; by its own answers it has ${submitted.self_score} points.`);

// ── Staff ask for more ──

const startReview = async (): Promise<void> => {
  const found = expect(await staff.POST("/v1/assessments/{assessment_id}/start-review", { params: { path } }));
  assert.equal(found.status, "under_review");
};
const verify = async (verdicts: Schemas["NewVerdict"][]): Promise<void> => {
  expect(await staff.POST("/v1/assessments/{assessment_id}/verify", { params: { path }, body: { verdicts } }));
};

await startReview();
await verify([
  ...["measured", "complaints", "fined", "insured_until"].map((question) => ({ question, verdict: "confirmed" as const })),
  { question: "warning", verdict: "adjusted", given: { number: 4 }, reason: "Two customers were not warned." },
  { question: "share", verdict: "evidence_requested", reason: "Two orders are not a year." },
]);
const tooEarly = await staff.POST("/v1/assessments/{assessment_id}/accept", { params: { path } });
assert.deepEqual(refused(tooEarly, 422, "rule_violated").errors?.length, 1);
const note = "Please prove the share with all orders of the year.";
expect(await staff.POST("/v1/assessments/{assessment_id}/request-changes", { params: { path }, body: { note } }));

// ── The supplier reads, changes, submits again ──

const returned = await state(jo);
assert.deepEqual([returned.status, returned.status_reason], ["changes_requested", note]);
assert.deepEqual(expect(await jo.GET("/v1/me/tasks")).data.map((task) => task.resource_id), [assessment.id]);
const all = expect(await jo.GET("/v1/assessments/{assessment_id}/answers", { params: { path } }));
assert.deepEqual(all.data.map((one) => one.question), questions.map((one) => one.key));
const open = all.data.filter((one) => one.verdict === "evidence_requested");
assert.deepEqual(open.map((one) => [one.question, one.reason]), [["share", "Two orders are not a year."]]);
console.log(`Staff hand it back: “${returned.status_reason}”`);
told(`share: evidence_requested, “${open[0]?.reason}”`);

const rows = Array.from({ length: 200 }, (_, row) => `${2000 + row},${year}-05-04,${year}-05-0${row < 193 ? 4 : 6}`);
const whole = await uploaded("deliveries-of-the-year.csv", "text/csv", ["order,due,delivered", ...rows, ""].join("\r\n"));
const [share] = open;
assert(share);
const proof = [...share.evidence.map((one) => one.id), whole.id];
const better = expect(await say("share", share.revision, { evidence: proof, note: "193 of 200 in time." }));
assert.deepEqual([better.evidence.length, better.verdict, better.reason, better.given?.number], [2, "open", null, 96.5]);
const again = expect(await submit());
assert.deepEqual([again.status, again.status_reason], ["submitted", null]);
console.log(`It adds ${whole.filename} (${whole.size} bytes) and submits again.`);

// ── Accepted ──

const evidence = await staff.GET("/v1/files/{file_id}/content", {
  params: { path: { file_id: whole.id } },
  parseAs: "arrayBuffer",
});
assert.equal(sha256(new Uint8Array(expect(evidence))).digest("hex"), whole.sha256);
await startReview();
await verify([{ question: "share", verdict: "confirmed" }]);
const accepted = expect(await staff.POST("/v1/assessments/{assessment_id}/accept", { params: { path } }));
assert.equal(accepted.status, "accepted");

const scores = expect(await jo.GET("/v1/assessments/{assessment_id}/scores", { params: { path } }));
const points = (sheet: Schemas["ScoreSheet"] | null) => [sheet?.total, ...(sheet?.sections ?? []).map((one) => one.score)];
assert.deepEqual(points(scores.self), [80, 100, 50]);
assert.deepEqual(points(scores.verified), [71, 85, 50]);
assert.deepEqual([scores.knock_outs, scores.discretionary, scores.passes], [[], [], true]);
assert.equal(scores.calibrated_total, null, "how far staff trust it is theirs to know");
const adjusted = await answerTo("warning");
assert.deepEqual([adjusted.given?.number, adjusted.adjusted?.number], [5, 4]);
refused(await say("warning", adjusted.revision, { given: { number: 5 } }), 409, "invalid_state");
assert.equal(expect(await jo.GET("/v1/me/tasks")).data.length, 0);
console.log("Staff confirm, adjust and accept; the supplier reads its scores:");
told(`${scores.self.total} points by its own answers, ${scores.verified?.total} as verified; passes: ${scores.passes}`);
told(`warning: adjusted from ${adjusted.given?.number} to ${adjusted.adjusted?.number}, “${adjusted.reason}”`);
