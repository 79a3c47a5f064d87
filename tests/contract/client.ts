// A frontend's first calls, with the types that openapi-typescript made from the published document:
// create a supplier, read it, list, change it, and meet a typed problem. Run by ./clients.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Supplier = components["schemas"]["Supplier"];

const { ACCORD_URL, ACCORD_TOKEN } = process.env;
assert(ACCORD_URL && ACCORD_TOKEN, "ACCORD_URL and ACCORD_TOKEN are needed");
const api = createClient<paths>({
  baseUrl: ACCORD_URL,
  headers: { Authorization: `Bearer ${ACCORD_TOKEN}` },
});

// The data of an answer, or the problem as a readable failure.
function expect<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  assert(answer.data !== undefined, `${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

const name = `Contract test ${randomUUID()}`;
const { similar, ...created } = expect(await api.POST("/v1/suppliers", { body: { kind: "company", name } }));
assert(Array.isArray(similar));
assert.equal(created.name, name);
assert.equal(created.kind, "company");

const path = { supplier_id: created.id };
const read: Supplier = expect(await api.GET("/v1/suppliers/{supplier_id}", { params: { path } }));
assert.deepEqual(read, created);

const page = expect(await api.GET("/v1/suppliers", { params: { query: { limit: 5 } } }));
const listed: Supplier[] = page.data;
assert(listed.length >= 1 && listed.length <= 5);
const more: boolean = page.has_more;
const cursor: string | null = page.next_cursor;
assert.equal(more, cursor !== null, "a next page has a cursor, the last page has none");

const changed: Supplier = expect(
  await api.PATCH("/v1/suppliers/{supplier_id}", { params: { path }, body: { name: `${name} Limited` } }),
);
assert.equal(changed.name, `${name} Limited`);
assert.equal(changed.id, created.id);
assert.equal(changed.revision, created.revision + 1);

const { error, response } = await api.GET("/v1/suppliers/{supplier_id}", {
  params: { path: { supplier_id: randomUUID() } },
});
assert.equal(response.status, 404);
assert.equal(response.headers.get("content-type")?.split(";")[0], "application/problem+json");
assert(error);
const code: string = error.code;
assert.equal(error.status, 404);

// Never called: it compiles only while the types refuse what the document refuses, so types that
// decay to `any` fail the check.
export async function refused(): Promise<void> {
  // @ts-expect-error `nmae` is not a member
  await api.POST("/v1/suppliers", { body: { kind: "company", nmae: "" } });
  // @ts-expect-error a supplier kind is one of an enumeration
  await api.POST("/v1/suppliers", { body: { kind: "planet", name: "" } });
  // @ts-expect-error no such path
  await api.GET("/v1/supplier");
  // @ts-expect-error a revision is a number
  const text: string = created.revision;
  void text;
}

console.log(`TypeScript: created, read, listed and changed supplier ${created.id}; a missing one answers ${code}`);
