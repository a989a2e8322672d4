// The GraphQL-over-HTTP specification's own audits (npm graphql-http) against the real binary, as a caseworker of the
// demonstration. `run.sh` starts it and says where it is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { serverAudits } from "graphql-http";

const { HTTP_ADDRESS } = process.env;
const url = `http://${HTTP_ADDRESS}/graphql`;

/** Logs in and answers the session's cookie. */
async function cookie() {
  const response = await fetch(`http://${HTTP_ADDRESS}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-skranke": "1" },
    body: JSON.stringify({ municipality: "0190", login: "kari", password: "skranke-demo" }),
  });
  assert.equal(response.status, 204);
  return response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
}

const session = await cookie();
// The audits know nothing of log-ins: every request of theirs is a caseworker's.
const fetchFn = (address, init = {}) =>
  fetch(address, { ...init, headers: { ...init.headers, cookie: session, "x-skranke": "1" } });

for (const audit of serverAudits({ url, fetchFn })) {
  test(`${audit.id}: ${audit.name}`, async () => {
    const result = await audit.fn();
    // A "MAY" that is not done is a notice; a "SHOULD" that is not done is a warning, and we do them all.
    assert.ok(result.status === "ok" || result.status === "notice", `${result.status}: ${result.reason}`);
  });
}
