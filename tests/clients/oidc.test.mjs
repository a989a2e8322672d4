// Log-in through a real identity provider (npm oidc-provider) with the real binary, and a browser without a script between
// them. The provider runs in this process, so that its people, its keys and its health can be changed. `run.sh` names the
// binary and the master key.
import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Provider } from "oidc-provider";

const { BINARY, ADMIN_PASSWORD } = process.env;
const SECRET = "an-invented-client-secret";
const folder = mkdtempSync(join(tmpdir(), "skranke-oidc-"));
const logFile = join(folder, "skranke.log");
const [idpPort, port] = [await freePort(), await freePort()];
const issuer = `http://127.0.0.1:${idpPort}`;
const skranke = `http://127.0.0.1:${port}`;
const callback = `${skranke}/api/oidc/callback`;

/** Whom the provider knows: `anna` as the test begins. */
const people = {};
let idp;
let server;

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), alg: "RS256", use: "sig" };
}

async function startProvider() {
  const provider = new Provider(issuer, {
    jwks: { keys: [newKey()] },
    clients: [
      {
        client_id: "skranke",
        client_secret: SECRET,
        redirect_uris: [callback],
        post_logout_redirect_uris: [`${skranke}/log-ind`],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "groups", "municipality"], email: ["email"] },
    findAccount: (_, id) => people[id] && { accountId: id, claims: () => ({ sub: id, ...people[id] }) },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
    cookies: { keys: ["invented"] },
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, AccessToken: 600, IdToken: 600, AuthorizationCode: 60 },
  });
  idp = createServer(provider.callback());
  await new Promise((resolve) => idp.listen(idpPort, "127.0.0.1", resolve));
}

async function stopProvider() {
  idp.closeAllConnections();
  await new Promise((resolve) => idp.close(resolve));
}

/** A browser with cookies, for as many sites as it visits. It follows a redirect only when it is told to. */
class Browser {
  jars = new Map();

  async open(address, init = {}) {
    const { origin } = new URL(address);
    const jar = this.jars.get(origin) ?? new Map();
    this.jars.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(address, { redirect: "manual", ...init, headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split(";");
      const at = pair.indexOf("=");
      const gone = attributes.some((attribute) => /max-age=0$|expires=Thu, 01 Jan 1970/i.test(attribute.trim()));
      if (gone) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const to = response.headers.get("location");
    return { status: response.status, to: to && new URL(to, address).href, text: await response.text(), address };
  }

  send(address, fields) {
    return this.open(address, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Begins a log-in: where we send the browser. */
  async begin(next = "/sager") {
    const page = await this.open(`${skranke}/api/oidc/login?next=${encodeURIComponent(next)}`);
    assert.equal(page.status, 303, page.text);
    assert.ok(page.to.startsWith(`${issuer}/auth?`), page.to);
    return page.to;
  }

  /** Goes through the provider's pages as `who`: where the provider sends the browser back to, and whether it asked. */
  async passes(address, who) {
    let asked = false;
    for (let hop = 0; hop < 20; hop += 1) {
      if (address.startsWith(callback)) return { back: address, asked };
      let page = await this.open(address);
      if (!page.to) {
        assert.equal(page.status, 200, page.text);
        const action = new URL(/action="([^"]+)"/.exec(page.text)[1], page.address).href;
        const login = page.text.includes('name="login"');
        asked ||= login;
        page = await this.send(action, login ? { prompt: "login", login: who, password: "x" } : { prompt: "consent" });
      }
      address = page.to;
    }
    throw new Error("too many hops");
  }

  /** A whole log-in: the page at its end. */
  async logsInAs(who, next) {
    const { back, asked } = await this.passes(await this.begin(next), who);
    return { ...(await this.open(back)), back, asked };
  }

  async graphql(query, variables = {}) {
    const page = await this.open(`${skranke}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-skranke": "1" },
      body: JSON.stringify({ query, variables }),
    });
    return { status: page.status, ...JSON.parse(page.text) };
  }

  async viewer() {
    const answer = await this.graphql("{ viewer { staff { id login roles } municipality { code } } }");
    assert.equal(answer.status, 200, JSON.stringify(answer));
    assert.equal(answer.errors, undefined, JSON.stringify(answer));
    return { ...answer.data.viewer.staff, municipality: answer.data.viewer.municipality.code };
  }

  async act(name, input) {
    const kind = `${name[0].toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation($input: ${kind}!) { ${name}(input: $input) { __typename ... on Refused { code } } }`;
    const answer = await this.graphql(query, { input: { idempotencyKey: randomUUID(), ...input } });
    assert.equal(answer.errors, undefined, JSON.stringify(answer));
    return answer.data[name].code ?? answer.data[name].__typename;
  }

  leaves(path) {
    return this.open(`${skranke}${path}`, { method: "POST", headers: { "x-skranke": "1" } });
  }

  async logsInWithAPassword() {
    const page = await this.open(`${skranke}/api/login`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-skranke": "1" },
      body: JSON.stringify({ municipality: "0190", login: "admin", password: ADMIN_PASSWORD }),
    });
    assert.equal(page.status, 204, page.text);
  }

  get isIn() {
    return this.jars.get(skranke)?.has("skranke_session") ?? false;
  }
}

/** Somebody new, with a browser of their own. */
function somebody(changes = {}) {
  const who = `sub-${randomUUID()}`;
  people[who] = {
    name: "Anna Udefra",
    preferred_username: `anna-${randomUUID().slice(0, 8)}`,
    groups: ["sagsbehandlere", "kantinen"],
    municipality: "0190",
    ...changes,
  };
  return { who, browser: new Browser() };
}

function refused(page, browser, status, words) {
  assert.equal(page.status, status, page.text);
  assert.ok(page.text.includes("Du blev ikke logget ind") && page.text.includes(words), page.text);
  assert.ok(page.text.includes('href="/log-ind"'), "it says where to go on");
  assert.ok(!browser.isIn, "nobody is logged in");
}

before(async () => {
  await startProvider();
  const log = openSync(logFile, "a");
  const environment = {
    PATH: process.env.PATH,
    SKRANKE_MASTER_KEY: process.env.SKRANKE_MASTER_KEY,
    SKRANKE_PASSWORD: ADMIN_PASSWORD,
    SKRANKE_PUBLIC_URL: skranke,
    SKRANKE_LIMITS_BURST: "100000",
    SKRANKE_LIMITS_GRAPHQL_DOCUMENTS: "any",
    SKRANKE_TELEMETRY_FILTER: "trace",
    SKRANKE_OIDC_ISSUER: issuer,
    SKRANKE_OIDC_CLIENT_ID: "skranke",
    SKRANKE_OIDC_CLIENT_SECRET: SECRET,
    SKRANKE_OIDC_TITLE: "Furesø login",
    SKRANKE_OIDC_ROLES: "sagsbehandlere=caseworker; ledere=team-lead",
  };
  const options = { cwd: folder, env: environment, stdio: ["ignore", log, log] };
  for (const login of ["admin", "admin2"]) {
    const person = ["--tenant", "0190", "--login", login, "--name", "Ada Opdigtet", "--role", "administrator"];
    execFileSync(BINARY, ["user", "add", "--data", "data", ...person], options);
  }
  server = spawn(BINARY, ["serve", "--data", "data", "--listen", `127.0.0.1:${port}`], options);
  for (let tries = 0; ; tries += 1) {
    const ready = await fetch(`${skranke}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) break;
    assert.ok(tries < 600 && server.exitCode === null, readFileSync(logFile, "utf8").slice(-3000));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

after(async () => {
  if (server?.exitCode === null) {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill();
    await gone;
  }
  await stopProvider();
  rmSync(folder, { recursive: true, force: true });
});

test("the log-in page offers both ways in", async () => {
  const page = await new Browser().open(`${skranke}/api/session`);
  const { provider, passwords } = JSON.parse(page.text);
  assert.deepEqual({ provider, passwords }, { provider: "Furesø login", passwords: true });
});

test("whoever logs in the first time is taken in, with the roles that the provider says", async () => {
  const { who, browser } = somebody();
  const address = new URL(await browser.begin());
  assert.equal(address.searchParams.get("code_challenge_method"), "S256");
  assert.equal(address.searchParams.get("redirect_uri"), callback);
  const page = await browser.logsInAs(who, "/sager?kun=mine");
  assert.equal(page.status, 303, page.text);
  assert.equal(page.to, `${skranke}/sager?kun=mine`);
  const viewer = await browser.viewer();
  assert.deepEqual(viewer.roles, ["CASEWORKER"]);
  assert.equal(viewer.municipality, "0190");
  assert.equal(viewer.login, `${people[who].preferred_username}@127.0.0.1`);
  const again = new Browser();
  await again.logsInAs(who);
  assert.equal((await again.viewer()).id, viewer.id, "the same account");
});

test("a log-in is finished once, by the browser that began it, with its own state, nonce and code", async () => {
  const { who, browser } = somebody();
  const { back } = await browser.passes(await browser.begin(), who);
  const stranger = new Browser();
  refused(await stranger.open(back), stranger, 400, "Login blev ikke begyndt i denne browser");
  const forged = back.replace(/state=[^&]+/, "state=forged");
  refused(await browser.open(forged), browser, 400, "Login blev ikke begyndt i denne browser");
  refused(await browser.open(back), browser, 400, "Begynd forfra");

  const fresh = await browser.begin();
  const changed = new URL(fresh);
  changed.searchParams.set("nonce", "forged");
  const { back: wrongNonce } = await browser.passes(changed.href, who);
  refused(await browser.open(wrongNonce), browser, 403, "kunne ikke bekræftes");

  const first = await browser.logsInAs(who);
  assert.equal(first.status, 303);
  refused(await stranger.open(first.back), stranger, 400, "Login blev ikke begyndt i denne browser");
  const thief = new Browser();
  const { back: own } = await thief.passes(await thief.begin(), somebody().who);
  const replayed = new URL(own);
  replayed.searchParams.set("code", new URL(first.back).searchParams.get("code"));
  refused(await thief.open(replayed.href), thief, 403, "kunne ikke bekræftes");
  const otherIssuer = new Browser();
  const { back: mixed } = await otherIssuer.passes(await otherIssuer.begin(), who);
  const page = await otherIssuer.open(mixed.replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example"));
  refused(page, otherIssuer, 403, "kunne ikke bekræftes");
});

test("whoever is denied, nameless, without a role or of no known municipality reads what to do", async () => {
  const { browser } = somebody();
  const address = new URL(await browser.begin());
  const denied = `${callback}?error=access_denied&state=${address.searchParams.get("state")}`;
  refused(await browser.open(denied), browser, 403, "afbrudt eller afvist");
  for (const [changes, words] of [
    [{ groups: ["kantinen"] }, "ingen rolle i Skranke"],
    [{ groups: undefined }, "ingen rolle i Skranke"],
    [{ municipality: "0999" }, "ingen kommune"],
    [{ municipality: undefined }, "ingen kommune"],
    [{ name: undefined }, "brugernavn eller navn"],
  ]) {
    const { who, browser } = somebody(changes);
    refused(await browser.logsInAs(who), browser, 403, words);
  }
});

test("a role that the provider gives or takes back is held or gone at the next log-in", async () => {
  const { who, browser } = somebody();
  await browser.logsInAs(who);
  people[who].groups = ["ledere"];
  assert.deepEqual((await browser.viewer()).roles, ["CASEWORKER"], "until then");
  const again = new Browser();
  await again.logsInAs(who);
  assert.deepEqual((await again.viewer()).roles, ["TEAM_LEAD"]);
  assert.deepEqual((await browser.viewer()).roles, ["TEAM_LEAD"], "everywhere");
  people[who].groups = [];
  const third = new Browser();
  refused(await third.logsInAs(who), third, 403, "ingen rolle i Skranke");
  assert.equal((await again.graphql("{ viewer { demo } }")).status, 401, "and the sessions are over");
});

test("administrators give no roles and no password to whom the provider vouches for, and can lock them out", async () => {
  const { who, browser } = somebody();
  await browser.logsInAs(who);
  const { id } = await browser.viewer();
  const admin = new Browser();
  await admin.logsInWithAPassword();
  const role = { staffId: id, role: "ADMINISTRATOR" };
  assert.equal(await admin.act("roleGrantPropose", role), "ROLES_FROM_PROVIDER");
  assert.equal(await admin.act("roleRevoke", { staffId: id, role: "CASEWORKER" }), "ROLES_FROM_PROVIDER");
  assert.equal(await admin.act("passwordReset", { staffId: id }), "NO_PASSWORD");
  assert.equal(await admin.act("accountLock", { staffId: id }), "StaffChanged");
  assert.equal((await browser.graphql("{ viewer { demo } }")).status, 401);
  const again = new Browser();
  refused(await again.logsInAs(who), again, 403, "Din konto er spærret");
  assert.equal(await admin.act("accountUnlock", { staffId: id }), "StaffChanged");
  await again.logsInAs(who);
  assert.deepEqual((await again.viewer()).roles, ["CASEWORKER"]);
});

test("logging out logs out at the provider, too", async () => {
  const { who, browser } = somebody();
  assert.equal((await browser.logsInAs(who)).asked, true);
  assert.equal((await browser.logsInAs(who)).asked, false, "the provider knows the browser");
  const page = await browser.leaves("/api/logout");
  assert.equal(page.status, 200, page.text);
  assert.ok(!browser.isIn);
  const { continueAt } = JSON.parse(page.text);
  const question = await browser.open(continueAt);
  assert.equal(question.status, 200, question.text);
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(question.text)[1];
  const action = /action="([^"]+)"/.exec(question.text)[1];
  const done = await browser.send(new URL(action, issuer).href, { xsrf, logout: "yes" });
  assert.equal(done.to, `${skranke}/log-ind`);
  assert.equal((await browser.logsInAs(who)).asked, true, "the provider asks again");

  const other = new Browser();
  await other.logsInAs(who);
  const everywhere = await browser.leaves("/api/logout-everywhere");
  assert.ok(JSON.parse(everywhere.text).continueAt.startsWith(`${issuer}/session/end?`));
  assert.equal((await other.graphql("{ viewer { demo } }")).status, 401);
  const admin = new Browser();
  await admin.logsInWithAPassword();
  assert.equal((await admin.leaves("/api/logout")).status, 204, "an account of ours has nowhere to go on to");
});

test("new keys of the provider are found, and a provider that is down keeps nobody else out", async () => {
  await stopProvider();
  const browser = new Browser();
  const { back } = await (async () => {
    await startProvider();
    const { who } = somebody();
    return browser.passes(await browser.begin(), who);
  })();
  assert.equal((await browser.open(back)).status, 303, "signed with a key that we had not seen");

  const caught = new Browser();
  const { who } = somebody();
  const { back: late } = await caught.passes(await caught.begin(), who);
  await stopProvider();
  refused(await caught.open(late), caught, 502, "svarer ikke");
  const admin = new Browser();
  await admin.logsInWithAPassword();
  assert.equal((await admin.viewer()).login, "admin");
  await startProvider();
  assert.equal((await caught.logsInAs(who)).status, 303);
});

test("what the provider says about a person is in no log, however much is logged", () => {
  const log = readFileSync(logFile, "utf8");
  assert.ok(log.includes("TRACE") && log.length > 10_000, "it did not log much");
  const words = ["Anna", SECRET, "id_token", "eyJ", ...Object.keys(people)];
  for (const person of Object.values(people)) words.push(person.preferred_username);
  for (const word of words) {
    const line = log.split("\n").find((line) => line.includes(word));
    assert.equal(line, undefined, word);
  }
  assert.ok(!log.includes("panicked"));
  // Each refusal above was for its own reason.
  for (const fault of [
    "the ID token is for another log-in",
    "the code was not redeemed",
    "another provider sent the browser back",
  ]) {
    assert.ok(log.includes(fault), fault);
  }
});
