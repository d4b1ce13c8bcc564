import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { follow, Publisher, RetryPolicy } from '../dist/index.js';
import { FileCheckpointStore } from '../dist/node/index.js';
import { operations, tree } from './support/git-history.js';
import { Proxy } from './support/proxy.js';
import { seeded } from './support/random.js';
import { Server } from './support/server.js';
import { States, statesOf } from './support/states.js';

const QUICK = new RetryPolicy({ first: 30, longest: 200, giveUpAfter: 0 });
const KILLS = 3;
const END = { kind: 'insert', type: 'marker', id: 'end' };

/** Publishes a history, while the server is killed and started again; the last is the end. */
async function publishUnderFire(server, history, random) {
  const publisher = new Publisher(server.url, { retry: QUICK });
  const kills = new Set(Array.from({ length: KILLS }, () => Math.floor(random() * history.length)));
  let killed = Promise.resolve();
  for (const [n, operation] of [...history, END].entries()) {
    await publisher.ready();
    const stored = publisher.publish(operation);
    if (kills.has(n)) killed = killed.then(() => stored).then(() => server.kill()).then(() => server.start());
  }
  await publisher.close();
  await killed;
}

/** Follows from the checkpoint until the end, or for so many events; whether that was the end. */
async function followed(url, store, states, events, isKilled) {
  const stream = follow(url, { from: '0', store, saveEvery: 20, retry: QUICK });
  let saved = null;
  let isEnd = false;
  for await (const event of stream) {
    states.apply(event);
    stream.acknowledge(event);
    isEnd = event.id === END.id;
    if (isEnd || --events <= 0) {
      saved = await store.load();
      break;
    }
  }
  if (isKilled && saved !== null) await store.save(saved); // one that is killed saves no more
  return isEnd;
}

/** What is left, without the end. */
function objectsOf(states) {
  const objects = [...states].filter(([key]) => !key.startsWith(END.type));
  return new Map(objects.map(([key, state]) => [key, state.replace('.000Z ', 'Z ')]));
}

test("a repository's history, cut, killed and stopped, ends as its tree", { timeout: 60_000 }, async (t) => {
  const random = seeded(t);
  const server = await Server.started();
  t.after(() => server.close());
  const proxy = await Proxy.before(server, { random, cutEvery: 1_000_000 });
  t.after(() => proxy.close());
  const folder = mkdtempSync(join(tmpdir(), 'oplog-js-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = new FileCheckpointStore(join(folder, 'checkpoint'));

  const published = publishUnderFire(server, operations(), random);
  const states = new States();
  let starts = 1;
  while (!(await followed(proxy.url, store, states, random() * 2000 * starts, random() < 0.5))) starts++;
  await published;

  const expected = new States();
  for (const object of tree()) expected.apply(object);
  const own = await statesOf(server.url);
  assert.deepEqual(objectsOf(states.objects), objectsOf(expected.objects));
  assert.deepEqual(states.objects, own);
  t.diagnostic(`starts=${starts} cuts=${proxy.cuts} objects=${own.size}`);
  assert.ok(starts > 1 && proxy.cuts > 0, `starts=${starts} cuts=${proxy.cuts}`);
});
