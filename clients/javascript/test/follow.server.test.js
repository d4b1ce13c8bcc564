import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClosedError, Endpoint, follow, process as handle, Publisher, RetryPolicy } from '../dist/index.js';
import { FileCheckpointStore } from '../dist/node/index.js';
import { Proxy } from './support/proxy.js';
import { seeded } from './support/random.js';
import { Server } from './support/server.js';
import { someChange, States, statesOf } from './support/states.js';

const QUICK = new RetryPolicy({ first: 50, longest: 300, giveUpAfter: 0 });

async function started(t, ...flags) {
  const server = await Server.started(...flags);
  t.after(() => server.close());
  return server;
}

async function proxied(t, server, options) {
  const proxy = await Proxy.before(server, options);
  t.after(() => proxy.close());
  return proxy;
}

function quickPublisher(server) {
  return new Publisher(server.url, { retry: QUICK });
}

/** Counts them, and waits for one. */
class Connections {
  count = 0;
  #seen = 0;
  #heard = () => undefined;

  made() {
    this.count++;
    this.#heard();
  }

  /** Ends when there was one since the last call. */
  async another() {
    while (this.count === this.#seen) await new Promise((resolve) => (this.#heard = resolve));
    this.#seen = this.count;
  }
}

/** Publishes operations while the server is killed and started again; the last is on `end`. */
async function publishUnderFire(server, random, { rounds, each, beforeKill = async () => undefined }) {
  const publisher = quickPublisher(server);
  for (let round = 0; round < rounds; round++) {
    const published = Array.from({ length: each }, () => publisher.publish(someChange(random)));
    if (random() < 0.5) await published[Math.floor(random() * each)];
    await beforeKill();
    await server.kill();
    await server.start();
    await Promise.all(published);
  }
  await publisher.publish({ kind: 'insert', type: 'video', id: 'end', parents: ['user/a'] });
  await publisher.close();
}

test('what a follower applied is what the server has, whatever is killed or cut', { timeout: 120_000 }, async (t) => {
  const random = seeded(t);
  const server = await started(t);
  const proxy = await proxied(t, server, { random, cutEvery: 30_000 });
  const states = new States();
  const positions = [];
  const connections = new Connections();
  const stream = follow(proxy.url, { from: '0', retry: QUICK, onConnected: () => connections.made() });
  const beforeKill = () => connections.another();
  const published = publishUnderFire(server, random, { rounds: 3, each: 1500, beforeKill });
  for await (const event of stream) {
    states.apply(event);
    if (event.kind !== 'live') positions.push(event.eventId.slice(8));
    if (event.id === 'end') break;
  }
  await published;
  assert.deepEqual(positions, positions.toSorted?.() ?? [...positions].sort(), 'positions rise');
  assert.ok(connections.count > 3, `connections=${connections.count}`);
  assert.deepEqual(states.objects, await statesOf(server.url));
});

test('a consumer that is stopped anywhere goes on at its checkpoint', { timeout: 120_000 }, async (t) => {
  const random = seeded(t);
  const server = await started(t);
  const folder = mkdtempSync(join(tmpdir(), 'oplog-js-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = new FileCheckpointStore(join(folder, 'checkpoint'));
  const proxy = await proxied(t, server, { random, cutEvery: 60_000 });
  const published = publishUnderFire(server, random, { rounds: 2, each: 1500 });

  const states = new States();
  const outOfOrder = [];
  let starts = 0;
  for (let ended = false; !ended; starts++) {
    let left = Math.floor(random() * 600);
    const last = new Map(); // of each object, what was handled last
    const stream = follow(proxy.url, { from: '0', store, retry: QUICK, saveEvery: 10 });
    const handling = handle(stream, async (event) => {
      if (random() < 0.3) await new Promise((done) => setTimeout(done, random() * 3));
      if (left-- <= 0) throw new Error('stopped');
      const key = `${event.type}/${event.id}`;
      if (event.id && last.get(key) >= event.eventId) outOfOrder.push(key);
      last.set(key, event.eventId);
      states.apply(event);
      if (event.id !== 'end') return;
      ended = true;
      void stream.close();
    });
    await assert.rejects(handling, /stopped|closed/);
    if (ended) await drained(proxy.url, store, states);
  }
  await published;
  assert.ok(starts > 1, `starts=${starts}`);
  assert.deepEqual(outOfOrder, []);
  assert.deepEqual(states.objects, await statesOf(server.url));
});

/** What was not acknowledged when the end was seen comes again. */
async function drained(url, store, states) {
  const stream = follow(url, { from: '0', store, retry: QUICK });
  const marker = new Publisher(url, { retry: QUICK });
  const type = 'marker';
  await marker.publish({ kind: 'insert', type, id: 'm' });
  for await (const event of stream) {
    states.apply(event);
    stream.acknowledge(event);
    if (event.type === type) break;
  }
}

test('a filter is kept to, and its position moves on while others change', { timeout: 60_000 }, async (t) => {
  const server = await started(t, '--progress-interval', '100ms');
  const publisher = quickPublisher(server);
  await publisher.publish({ kind: 'insert', type: 'video', id: '1', parents: ['user/a,b'] });
  const stream = follow(server.url, { from: '0', types: ['video'], parents: ['user/a,b'] });
  const { value: reset } = await stream.next();
  const { value: insert } = await stream.next();
  const { value: live } = await stream.next();
  assert.deepEqual([reset.kind, reset.reason, insert.kind, live.kind], ['reset', 'requested', 'insert', 'live']);
  assert.deepEqual(insert.parents, ['user/a,b']);
  for (const event of [live, insert, reset]) stream.acknowledge(event);
  const waiting = stream.next();
  const passed = await publisher.publish({ kind: 'insert', type: 'user', id: '2' });
  while (stream.lastEventId.slice(8) < passed.slice(8)) await new Promise((go) => setTimeout(go, 10));
  assert.equal(stream.checkpoint, stream.lastEventId);
  await publisher.publish({ kind: 'update', type: 'video', id: '1', parents: ['user/a,b'] });
  assert.equal((await waiting).value.kind, 'update');
  await stream.close();
  await assert.rejects(stream.next(), ClosedError);
});

test('passwords are sent, and asked for', { timeout: 60_000 }, async (t) => {
  const server = await started(t, '--password', 'sécret', '--ingest-password', 'in');
  const endpoint = new Endpoint(server.url, { password: 'sécret', ingestPassword: 'in' });
  const stream = follow(endpoint, { from: '0' });
  await new Publisher(endpoint).publish({ kind: 'insert', type: 'video', id: '1' });
  assert.equal((await stream.next()).value.kind, 'reset');
  await stream.close();
  await assert.rejects(follow(server.url).next(), { name: 'RefusedError', reason: 'NO_PASSWORD', status: 401 });
  const wrong = new Endpoint(server.url, { password: 'x' });
  await assert.rejects(follow(wrong).next(), { reason: 'UNAUTHORIZED' });
  await assert.rejects(new Publisher(wrong).publish({ kind: 'insert', type: 'v', id: '1' }), { reason: 'UNAUTHORIZED' });
});
