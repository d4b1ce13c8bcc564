import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { ClosedError, follow, Publisher, RetryPolicy, UnavailableError } from '../dist/index.js';
import { UdpPublisher } from '../dist/node/index.js';
import { scripted } from './support/scripted.js';
import { Server } from './support/server.js';

const QUICK = new RetryPolicy({ first: 20, longest: 100, giveUpAfter: 30_000 });
const insert = (id) => ({ kind: 'insert', type: 'video', id });

/** Remembers the batches that it takes, and answers as a function says. */
async function taking(t, answer) {
  const batches = [];
  const url = await scripted(t, async (request, response) => {
    if (request.method === 'HEAD') return response.end(); // what the first publisher of a process asks
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const packed = request.headers['content-encoding'] === 'gzip';
    const text = (packed ? gunzipSync(body) : body).toString();
    const ids = text.trim().split('\n').map((line) => JSON.parse(line).id);
    batches.push({ ids, packed, bytes: text.length });
    await answer(response, batches.length, ids);
  });
  return { url, batches };
}

function stored(response) {
  response.writeHead(204, { 'Oplog-Event-Id': '6920c0de0001000000000001' }).end();
}

test('operations are stored in the order of the calls, each told its place', { timeout: 30_000 }, async (t) => {
  const server = await Server.started();
  t.after(() => server.close());
  const publisher = new Publisher(server.url);
  const stream = follow(server.url, { from: '0' });
  const ids = Array.from({ length: 5000 }, (_, i) => `v${i}`);
  const places = await Promise.all(ids.map((id) => publisher.publish(insert(id))));
  await publisher.close();
  const seen = [];
  let last = null;
  for await (const event of stream) {
    if (event.kind === 'live') break;
    if (event.kind === 'insert') seen.push(event.id);
    last = event.eventId;
  }
  assert.deepEqual(seen, ids);
  assert.equal(places.at(-1), last);
  assert.ok(new Set(places).size < 20, 'they went in batches');
  await assert.rejects(publisher.publish(insert('x')), ClosedError);
});

test('an operation that the real server refuses fails alone', { timeout: 30_000 }, async (t) => {
  const server = await Server.started();
  t.after(() => server.close());
  const publisher = new Publisher(server.url);
  const all = ['a', 'b', 'c'].map((id) => publisher.publish(insert(id)));
  all.splice(1, 0, publisher.publish({ ...insert('bad'), type: 'a/b' }));
  all.push(publisher.publish({ ...insert('worse'), timestamp: 'yesterday' }));
  const ended = await Promise.allSettled(all);
  assert.deepEqual(ended.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'rejected']);
  assert.equal(ended[1].reason.reason, 'INVALID');
  assert.match(ended[1].reason.detail, /^(?!line).*type/);
  assert.match(ended[4].reason.detail, /timestamp/);
});

test('one batch is on its way, and has bounds', { timeout: 30_000 }, async (t) => {
  let onTheirWay = 0;
  const { url, batches } = await taking(t, async (response) => {
    assert.equal(++onTheirWay, 1);
    await new Promise(setImmediate);
    onTheirWay--;
    stored(response);
  });
  const publisher = new Publisher(url);
  const first = publisher.publish(insert('first'));
  for (let i = 0; i < 2500; i++) publisher.publish(insert(`v${i}`));
  for (let i = 0; i < 3; i++) publisher.publish(insert('x'.repeat(600_000)));
  await publisher.flush();
  await first;
  assert.equal(batches.reduce((sum, { ids }) => sum + ids.length, 0), 2504);
  for (const { ids, bytes } of batches) assert.ok(ids.length <= 1000 && bytes <= 1 << 20);
});

test('who publishes without waiting can wait for room', { timeout: 30_000 }, async (t) => {
  const answers = [];
  const { url } = await taking(t, (response) => answers.push(response));
  const publisher = new Publisher(url, { maxWaiting: 10 });
  await publisher.ready();
  for (let i = 0; i < 10; i++) publisher.publish(insert(`v${i}`));
  let isReady = false;
  const ready = publisher.ready().then(() => (isReady = true));
  assert.equal(isReady, false);
  await ready; // the batch is on its way, and nothing waits
  while (answers.length === 0) await new Promise(setImmediate);
  for (let i = 0; i < 10; i++) publisher.publish(insert(`w${i}`));
  let isReadyAgain = false;
  const again = publisher.ready().then(() => (isReadyAgain = true));
  await new Promise(setImmediate);
  assert.equal(isReadyAgain, false);
  stored(answers[0]);
  await again;
  while (answers.length === 1) await new Promise(setImmediate);
  stored(answers[1]);
  await publisher.close();
});

test('what waits is bounded in bytes, too', { timeout: 30_000 }, async (t) => {
  const answers = [];
  const { url, batches } = await taking(t, (response, n) => (n === 1 ? answers.push(response) : stored(response)));
  const publisher = new Publisher(url);
  const all = Array.from({ length: 17 }, () => publisher.publish(insert('x'.repeat(1 << 20))));
  let isReady = false;
  const ready = publisher.ready().then(() => (isReady = true));
  while (answers.length === 0) await new Promise(setImmediate);
  assert.deepEqual([batches.length, isReady], [1, false]); // 16 wait
  stored(answers[0]);
  await ready;
  await Promise.all(all);
});

test('a flush waits for what was published before, not for what comes later', { timeout: 30_000 }, async (t) => {
  const answers = [];
  const { url } = await taking(t, (response, n) => (n === 1 ? stored(response) : answers.push(response)));
  const publisher = new Publisher(url);
  const first = publisher.publish(insert('a'));
  const flushed = publisher.flush();
  await first;
  const later = publisher.publish(insert('b'));
  await flushed;
  while (answers.length === 0) await new Promise(setImmediate);
  stored(answers[0]);
  await later;
});

test('a batch that is too large is sent in halves, and later ones are no larger', { timeout: 30_000 }, async (t) => {
  const limit = 3000;
  const taken = [];
  const { url, batches } = await taking(t, (response, n, ids) => {
    if (batches[n - 1].bytes > limit) return response.writeHead(413).end('too much');
    taken.push(...ids);
    return stored(response);
  });
  const publisher = new Publisher(url);
  const ids = Array.from({ length: 300 }, (_, i) => `v${i}`);
  const huge = 'x'.repeat(limit);
  const published = [...ids.slice(0, 100), huge, ...ids.slice(100)].map((id) => publisher.publish(insert(id)));
  const failed = (await Promise.allSettled(published)).filter(({ status }) => status === 'rejected');
  assert.deepEqual(failed.map(({ reason }) => [reason.name, reason.reason, reason.status]), [['RefusedError', 'TOO_LARGE', 413]]);
  assert.deepEqual(taken, ids);

  batches.length = 0;
  await Promise.all(ids.map((id) => publisher.publish(insert(id))));
  assert.deepEqual(taken.splice(ids.length), ids);
  assert.ok(batches.length > 1 && batches.every(({ bytes }) => bytes <= limit), JSON.stringify(batches.map(({ bytes }) => bytes)));
  await assert.rejects(publisher.publish(insert(huge)), { reason: 'TOO_LARGE' });
});

test('batches are packed from 1 KiB on, until a server answers 415', { timeout: 30_000 }, async (t) => {
  let refuses = false;
  const { url, batches } = await taking(t, (response) => {
    if (refuses && batches.at(-1).packed) response.writeHead(415).end();
    else stored(response);
  });
  const publisher = new Publisher(url);
  await publisher.publish(insert('small'));
  await publisher.publish(insert('x'.repeat(1024)));
  refuses = true;
  await publisher.publish(insert('x'.repeat(1024)));
  await publisher.publish(insert('x'.repeat(1024)));
  assert.deepEqual(batches.map(({ packed }) => packed), [false, true, true, false, false]);
});

test('what passes is tried again, and given up with the policy', { timeout: 30_000 }, async (t) => {
  const { url, batches } = await taking(t, (response, n) => {
    if (n === 1) response.destroy();
    else if (n === 2) response.writeHead(503).end('{');
    else stored(response);
  });
  const lost = [];
  const publisher = new Publisher(url, { retry: QUICK, onLost: (e) => lost.push(e.message) });
  assert.equal(await publisher.publish(insert('a')), '6920c0de0001000000000001');
  assert.equal(batches.length, 3);
  assert.match(lost[1], /503/);

  const busy = await scripted(t, (_, response) => response.writeHead(503).end());
  const impatient = new Publisher(busy, { retry: new RetryPolicy({ first: 5, longest: 5, giveUpAfter: 50 }) });
  await assert.rejects(impatient.publish(insert('a')), { name: 'UnavailableError' });
  await impatient.close();
});

test('a refusal without a line is that of all', { timeout: 30_000 }, async (t) => {
  const { url, batches } = await taking(t, (response) => response.writeHead(400).end('no'));
  const publisher = new Publisher(url);
  const ended = await Promise.allSettled([publisher.publish(insert('a')), publisher.publish(insert('b'))]);
  assert.deepEqual(ended.map(({ reason }) => [reason.reason, reason.detail]), [['INVALID', 'no'], ['INVALID', 'no']]);
  assert.equal(batches.length, 1);
});

test('an answer without an event id is no oplog, and one with it is enough', { timeout: 30_000 }, async (t) => {
  const page = await taking(t, (response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>welcome'));
  await assert.rejects(new Publisher(page.url).publish(insert('a')), { reason: 'NOT_OPLOG', status: 200 });

  const silent = await taking(t, (response) => response.writeHead(204).end());
  await assert.rejects(new Publisher(silent.url).publish(insert('a')), { reason: 'NOT_OPLOG', status: 204 });

  const cut = await taking(t, (response) => {
    response.writeHead(200, { 'Oplog-Event-Id': '6920c0de0001000000000001', 'Content-Length': 1000 });
    response.write('x', () => response.destroy());
  });
  await new Publisher(cut.url, { retry: QUICK }).publish(insert('a'));
  assert.equal(cut.batches.length, 1);
});

test('who closes it waits for one batch that is given up, and not for each', { timeout: 30_000 }, async (t) => {
  let closing;
  const isClosing = new Promise((go) => (closing = go));
  const { url, batches } = await taking(t, async (response) => {
    await isClosing;
    response.writeHead(503).end();
  });
  const publisher = new Publisher(url, { retry: new RetryPolicy({ first: 5, longest: 5, giveUpAfter: 200 }) });
  const all = Array.from({ length: 5000 }, (_, i) => publisher.publish(insert(`v${i}`)));
  const ends = Promise.allSettled(all);
  const closed = publisher.close();
  closing();
  await closed;
  for (const { status, reason } of await ends) {
    assert.equal(status, 'rejected');
    assert.ok(reason instanceof UnavailableError);
  }
  assert.ok(batches.every(({ ids }) => !ids.includes('v4999')));
});

test("what a listener throws does not send a batch again", { timeout: 30_000 }, async (t) => {
  const { url, batches } = await taking(t, stored);
  const onConnected = () => {
    throw new Error('listener');
  };
  const publisher = new Publisher(url, { retry: QUICK, onConnected });
  await assert.rejects(publisher.publish(insert('a')), /listener/);
  await publisher.close();
  assert.equal(batches.length, 1);
});

test('an operation whose date is none is not sent', async () => {
  const change = { ...insert('a'), timestamp: new Date('yesterday') };
  await assert.rejects(new Publisher('localhost:1').publish(change), /valid timestamp/);
});

test('a datagram that is published is sent before the end', { timeout: 10_000 }, async (t) => {
  const receiver = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => receiver.close());
  await once(receiver, 'listening');
  const publisher = new UdpPublisher({ host: 'localhost', port: receiver.address().port });
  const received = once(receiver, 'message');
  const published = publisher.publish(insert('a'));
  await publisher.close();
  await published;
  assert.match(String((await received)[0]), /"id":"a"/);
});

test('an operation without a type is not sent', async () => {
  await assert.rejects(new Publisher('localhost:1').publish({ kind: 'insert', id: '1' }), TypeError);
});

test('datagrams reach the real server', { timeout: 30_000 }, async (t) => {
  const server = await Server.started();
  t.after(() => server.close());
  const publisher = new UdpPublisher({ host: '127.0.0.1', port: server.port });
  t.after(() => publisher.close());
  await publisher.publish(insert('ü'));
  for await (const event of follow(server.url, { from: '0' })) if (event.id === 'ü') break;
  await assert.rejects(publisher.publish(insert('x'.repeat(65_507))), RangeError);
  await publisher.close();
  await assert.rejects(publisher.publish(insert('a')), ClosedError);
});
