// emmett with its PostgreSQL store, measured as Skranke is: the same events, clock and arithmetic as
// `bench/measure` in Rust.
//
//   node peer.mjs --url postgres://… commands --writers 64 --seconds 3 --warm-up 0.5 --dir DIR
//   node peer.mjs --url postgres://… fill --history NAME --events N
//   node peer.mjs --url postgres://… replay --history NAME

import { parseArgs } from 'node:util';
import { dumbo } from '@event-driven-io/dumbo';
import { CommandHandler } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore, readMessagesBatch } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';

const NAME = 'emmett + PostgreSQL';
const EVENT_BYTES = 412;
const PER_STREAM = 10;
const METADATA = {
  $correlationId: '0198f0c2-7a51-7c33-9d0e-3c5d1f6a8b10',
  tenant: '0190',
  actor: 'staff:0198f0c2-0000-7000-8000-000000000977',
  recordedAt: '2026-11-22T10:15:30.123456Z',
};
/** What a note has besides its text. */
const REST = 106;
const SENTENCE = 'Borgeren har sendt dokumentation; sagen afventer svar. ';
const TEXT = SENTENCE.repeat(10).slice(0, EVENT_BYTES - JSON.stringify(METADATA).length - REST);

const stream = (writer, number) =>
  `case-${writer.toString(16).padStart(4, '0')}-${Math.floor(number / PER_STREAM).toString(16).padStart(12, '0')}`;

const note = (writer, number) => ({
  type: 'NoteAdded',
  data: {
    case_id: stream(writer, number),
    channel: 'counter',
    number: number % PER_STREAM,
    text: TEXT,
    tags: ['housing', 'hearing'],
  },
  metadata: METADATA,
});

const handle = CommandHandler({
  initialState: () => ({ notes: 0, last: '' }),
  evolve: (state, { data }) => ({ notes: state.notes + 1, last: data.text }),
});

/** A database of its own on that server, new or as it was left. */
async function database(url, name, fresh) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  if (fresh) {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name}`);
  }
  await client.end();
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.toString();
}

function print(name, writers, unit, figure, waits = {}) {
  console.log(JSON.stringify({ name, writers, unit, rounds: [figure], ...waits }));
}

async function commands({ url, writers, seconds, 'warm-up': warmUp }) {
  const store = getPostgreSQLEventStore(await database(url, 'emmett_bench', true));
  await store.schema.migrate();
  const from = performance.now() + warmUp * 1000;
  const until = from + seconds * 1000;
  const waits = [];
  const write = async (writer) => {
    for (let number = 0; ; number += 1) {
      const asked = performance.now();
      if (asked >= until) return;
      await handle(store, stream(writer, number), () => note(writer, number));
      const answered = performance.now();
      if (from <= answered && answered < until) waits.push(answered - asked);
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  await store.close();
  waits.sort((a, b) => a - b);
  const at = (hundredth) => (waits[Math.min(Math.floor((waits.length * hundredth) / 100), waits.length - 1)] ?? 0) * 1000;
  print(NAME, writers, 'commands/s', waits.length / seconds, { p50_us: [at(50)], p99_us: [at(99)] });
}

async function fill({ url, events }) {
  const store = getPostgreSQLEventStore(await database(url, 'emmett_history', true));
  await store.schema.migrate();
  const cases = events / PER_STREAM;
  let next = 0;
  const write = async () => {
    while (next < cases) {
      const first = next * PER_STREAM;
      next += 1;
      const notes = Array.from({ length: PER_STREAM }, (_, place) => note(0, first + place));
      await store.appendToStream(stream(0, first), notes);
    }
  };
  await Promise.all(Array.from({ length: 10 }, write));
  await store.close();
}

async function replay({ url }) {
  const pool = dumbo({ connectionString: await database(url, 'emmett_history', false) });
  const began = performance.now();
  let [events, after] = [0, 0n];
  for (let more = true; more; ) {
    const batch = await readMessagesBatch(pool.execute, { after, batchSize: 1000 });
    events += batch.messages.length;
    after = batch.currentGlobalPosition;
    more = batch.messages.length > 0;
  }
  print(`replay: ${NAME}`, 1, 'events/s', (events * 1000) / (performance.now() - began));
  await pool.close();
}

const string = { type: 'string' };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: string, dir: string, writers: string, seconds: string, 'warm-up': string, history: string, events: string },
});
for (const number of ['writers', 'seconds', 'warm-up', 'events']) {
  if (values[number] !== undefined) values[number] = Number(values[number]);
}
await { commands, fill, replay }[positionals[0]](values);
