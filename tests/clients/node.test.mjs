// KurrentDB's official Node client against the real binary: as an auditor on a server that only reads, and as an
// administrator on one that takes writes. `run.sh` starts both and says where they are.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import {
  AccessDeniedError, BACKWARDS, END, eventTypeFilter, jsonEvent, KurrentDBClient, START, StreamDeletedError,
  StreamNotFoundError, streamNameFilter, WrongExpectedVersionError,
} from "@kurrent/kurrentdb-client";

const { READ_ADDRESS, WRITE_ADDRESS, ADMIN_PASSWORD } = process.env;
const clients = [];

function connect(address, user, password) {
  const client = KurrentDBClient.connectionString(`kurrentdb://${user}:${password}@${address}?tls=true&tlsCAFile=authority.pem`);
  clients.push(client);
  return client;
}

const auditor = connect(READ_ADDRESS, "0190.rita", "skranke-demo");
const admin = connect(WRITE_ADDRESS, "0190.admin", ADMIN_PASSWORD);

after(() => Promise.all(clients.map((client) => client.dispose())));

async function collect(reading) {
  const events = [];
  for await (const { event } of reading) events.push(event);
  return events;
}

/** What a subscription tells until `enough` says so of everything it has told. */
function follow(subscription, enough) {
  return new Promise((done, failed) => {
    const told = [];
    const timer = setTimeout(() => failed(new Error(`silent after ${told.map((what) => what.streamId ?? what)}`)), 15_000);
    const tell = (what) => {
      told.push(what);
      if (!enough(told)) return;
      clearTimeout(timer);
      subscription.unsubscribe().then(() => done(told), failed);
    };
    subscription.on("caughtUp", () => tell("caught up"));
    subscription.on("data", ({ event }) => tell(event));
    subscription.on("error", (error) => {
      clearTimeout(timer);
      failed(error);
    });
  });
}

const caughtUp = (told) => told.at(-1) === "caught up";
const events = (told) => told.filter((what) => what !== "caught up");
const key = (event) => `${event.streamId} ${event.revision}`;
const numbered = (n, type = "Counted") => jsonEvent({ type, data: { n, text: "blåbærgrød" }, metadata: { $correlationId: "c" } });

test("an auditor reads the whole log both ways, and only their own municipality", async () => {
  await collect(auditor.readAll({ maxCount: 1 })); // The look is noted now and not between the two reads.
  const forwards = await collect(auditor.readAll());
  assert.ok(forwards.length > 50, `${forwards.length} events`);
  assert.ok(forwards.every((event) => event.streamId.split("-")[1] === "0190"));
  const backwards = await collect(auditor.readAll({ direction: BACKWARDS, fromPosition: END }));
  assert.deepEqual(backwards.map(key).reverse(), forwards.map(key));
  assert.ok(forwards.some((event) => event.type === "AuditRead"), "the auditor's own reading is in the log");
  const opened = forwards.find((event) => event.type === "CaseOpened");
  assert.equal(typeof opened.data, "object");
  assert.equal(opened.metadata.tenant, "0190");
  assert.ok(opened.created instanceof Date && opened.created.getFullYear() >= 2020);
});

test("a stream is read from anywhere, both ways, and one that is not there is not found", async () => {
  const all = await collect(auditor.readAll({ filter: streamNameFilter({ prefixes: ["case-0190-"] }) }));
  const longest = all.reduce((last, event) => (event.revision > last.revision ? event : last));
  const stream = await collect(auditor.readStream(longest.streamId));
  assert.deepEqual(stream.map((event) => event.revision), stream.map((_, n) => BigInt(n)));
  assert.ok(stream.length > 2);
  const back = await collect(auditor.readStream(longest.streamId, { direction: BACKWARDS, fromRevision: END, maxCount: 2 }));
  assert.deepEqual(back.map(key), stream.slice(-2).reverse().map(key));
  const rest = await collect(auditor.readStream(longest.streamId, { fromRevision: 1n, maxCount: 1 }));
  assert.deepEqual(rest.map(key), [key(stream[1])]);
  await assert.rejects(collect(auditor.readStream("case-0190-nothing")), StreamNotFoundError);
});

test("everything is filtered by stream and by type", async () => {
  const all = await collect(auditor.readAll());
  const expect = async (filter, wanted) =>
    assert.deepEqual((await collect(auditor.readAll({ filter }))).map(key), all.filter(wanted).map(key));
  await expect(streamNameFilter({ prefixes: ["case-", "inquiry-"] }), (event) => /^(case|inquiry)-/.test(event.streamId));
  await expect(streamNameFilter({ regex: "^(?!case-)" }), (event) => !event.streamId.startsWith("case-"));
  await expect(eventTypeFilter({ prefixes: ["Case"] }), (event) => event.type.startsWith("Case"));
  await expect(eventTypeFilter({ regex: "^Decision" }), (event) => event.type.startsWith("Decision"));
});

test("a subscription catches up with everything, with one stream, and with what a filter leaves", async () => {
  const all = await collect(auditor.readAll());
  const told = await follow(auditor.subscribeToAll({ fromPosition: START }), caughtUp);
  assert.deepEqual(events(told).map(key), all.map(key));
  const { streamId } = all.find((event) => event.type === "CaseOpened");
  const stream = await follow(auditor.subscribeToStream(streamId, { fromRevision: 0n }), caughtUp);
  assert.deepEqual(events(stream).map(key), all.filter((event) => event.streamId === streamId).slice(1).map(key));
  const checkpoints = [];
  const filter = eventTypeFilter({
    prefixes: ["CaseOpened"], maxSearchWindow: 8, checkpointInterval: 1,
    checkpointReached: (_, position) => checkpoints.push(position.commit),
  });
  const opened = await follow(auditor.subscribeToAll({ fromPosition: START, filter }), caughtUp);
  assert.deepEqual(events(opened).map(key), all.filter((event) => event.type === "CaseOpened").map(key));
  assert.ok(checkpoints.length > 2);
});

test("another municipality's streams, a wrong password and any write are refused", async () => {
  await assert.rejects(collect(auditor.readStream("case-0751-x")), AccessDeniedError);
  await assert.rejects(auditor.appendToStream("case-0190-x", numbered(0)), AccessDeniedError);
  await assert.rejects(auditor.deleteStream("case-0190-x"), AccessDeniedError);
  await assert.rejects(auditor.tombstoneStream("case-0190-x"), AccessDeniedError);
  const stranger = connect(READ_ADDRESS, "0190.rita", "wrong");
  await assert.rejects(collect(stranger.readAll()));
  const caseworker = connect(READ_ADDRESS, "0190.kari", "skranke-demo");
  await assert.rejects(collect(caseworker.readAll()));
});

test("an append is read back; a wrong expectation says what is there; a repeat is answered again", async () => {
  const stream = `node-${randomUUID()}`;
  const first = [0, 1, 2].map((n) => numbered(n));
  for (let times = 0; times < 2; times += 1) {
    const written = await admin.appendToStream(stream, first, { streamState: "no_stream" });
    assert.equal(written.nextExpectedRevision, 2n);
  }
  const conflict = async (options) => {
    const error = await admin.appendToStream(stream, numbered(9), options).then(() => assert.fail("no conflict"), (error) => error);
    assert.ok(error instanceof WrongExpectedVersionError, String(error));
    assert.equal(error.actualState, 2n);
    return error.expectedState;
  };
  assert.equal(await conflict({ streamState: "no_stream" }), "no_stream");
  assert.equal(await conflict({ streamState: 0n }), 0n);
  // With credentials of its own a call is no part of a batch.
  const credentials = { username: "0190.admin", password: ADMIN_PASSWORD };
  assert.equal(await conflict({ streamState: 0n, credentials }), 0n);
  const next = await admin.appendToStream(stream, numbered(3), { streamState: 2n, credentials });
  assert.equal(next.nextExpectedRevision, 3n);
  const read = await collect(admin.readStream(stream));
  assert.deepEqual(read.map((event) => event.data), [0, 1, 2, 3].map((n) => ({ n, text: "blåbærgrød" })));
  assert.deepEqual(read.slice(0, 3).map((event) => event.id), first.map((event) => event.id));
  assert.deepEqual(read[0].metadata, { $correlationId: "c" });
});

test("a subscription goes on with what is written after it caught up", async () => {
  const stream = `node-${randomUUID()}`;
  await admin.appendToStream(stream, [0, 1].map((n) => numbered(n)));
  for (const subscribe of [
    () => admin.subscribeToStream(stream),
    () => admin.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes: [stream] }) }),
  ]) {
    const { nextExpectedRevision: before } = await admin.appendToStream(stream, numbered(2));
    const subscription = subscribe();
    subscription.once("caughtUp", () => admin.appendToStream(stream, numbered(3, "Live")));
    const told = await follow(subscription, (told) => told.at(-1).type === "Live" && told.at(-1).revision > before);
    assert.deepEqual(events(told).map((event) => event.revision), Array.from({ length: Number(before) + 2 }, (_, n) => BigInt(n)));
    assert.ok(told.includes("caught up"));
  }
});

test("a deleted stream is empty and goes on; a tombstoned one is gone", async () => {
  const stream = `node-${randomUUID()}`;
  await admin.appendToStream(stream, [0, 1].map((n) => numbered(n)));
  await admin.setStreamMetadata(stream, { owner: "0190" });
  await assert.rejects(admin.deleteStream(stream, { expectedRevision: 0n }), WrongExpectedVersionError);
  await admin.deleteStream(stream, { expectedRevision: 1n });
  await assert.rejects(collect(admin.readStream(stream)), StreamNotFoundError);
  const { metadata } = await admin.getStreamMetadata(stream);
  assert.equal(metadata.owner, "0190");
  await admin.appendToStream(stream, numbered(2), { streamState: "no_stream" });
  assert.deepEqual((await collect(admin.readStream(stream))).map((event) => event.revision), [2n]);
  await admin.tombstoneStream(stream);
  await assert.rejects(collect(admin.readStream(stream)), StreamDeletedError);
  await assert.rejects(admin.appendToStream(stream, numbered(3)), StreamDeletedError);
});
