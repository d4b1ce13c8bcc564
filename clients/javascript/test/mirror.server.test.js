import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mirror, Publisher, RetryPolicy } from '../dist/index.js';
import { Proxy } from './support/proxy.js';
import { seeded } from './support/random.js';
import { Server } from './support/server.js';
import { dataOf, event, idOf, scripted, stream } from './support/scripted.js';
import { someChange } from './support/states.js';

const QUICK = new RetryPolicy({ first: 30, longest: 200, giveUpAfter: 0 });
const keyOf = ({ type, id }) => `${type}/${id}`;

/** The application's own data, which it changes and then announces. */
class Source {
  objects = new Map();
  version = 0;

  constructor(random) {
    this.random = random;
  }

  change() {
    const change = someChange(this.random, 120);
    if (change.kind === 'delete') this.objects.delete(keyOf(change));
    else this.objects.set(keyOf(change), { version: ++this.version, parents: change.parents });
    return change;
  }

  /** Everything that exists, announced anew. */
  *all() {
    for (const [key, { parents }] of this.objects) {
      const [type, id] = key.split('/');
      yield { kind: 'insert', type, id, parents };
    }
  }

  async fetch(operation, failures) {
    await new Promise((go) => setTimeout(go, this.random() * 2));
    if (this.random() < failures) throw new Error('fetch failed');
    return this.objects.get(keyOf(operation));
  }
}

/** A target in memory, whose commits fail or take effect as a whole. */
class Target {
  objects = new Map();
  checkpoint = null;
  commits = [];
  #heard = () => undefined;

  async load() {
    return this.checkpoint;
  }

  async commit(changes, checkpoint) {
    await new Promise(setImmediate);
    for (const change of changes) this.#apply(change);
    this.checkpoint = checkpoint;
    this.commits.push(checkpoint);
    this.#heard();
  }

  #apply(change) {
    if (change.kind === 'put') this.objects.set(keyOf(change), change);
    else if (change.kind === 'remove') this.objects.delete(keyOf(change));
    else for (const [key, { generation }] of this.objects) if (generation < change.generation) this.objects.delete(key);
  }

  async until(isSo) {
    while (!isSo()) await new Promise((resolve) => (this.#heard = resolve));
  }

  get copies() {
    return new Map([...this.objects].map(([key, { object }]) => [key, object]).sort());
  }
}

/** Announces a last change, and waits until the mirror has it: it has all before it then. */
async function settled(source, target, publisher, n) {
  const id = `marker${n}`;
  source.objects.set(`video/${id}`, { version: ++source.version, parents: ['user/a'] });
  await publisher.publish({ kind: 'insert', type: 'video', id, parents: ['user/a'] });
  await target.until(() => target.objects.has(`video/${id}`) && target.checkpoint.endsWith('live'));
}

test('a mirror is the same as the source, whatever is cut, killed, lost or fails', { timeout: 120_000 }, async (t) => {
  const random = seeded(t);
  const server = await Server.started();
  t.after(() => server.close());
  const proxy = await Proxy.before(server, { random, cutEvery: 10_000 });
  t.after(() => proxy.close());
  const source = new Source(random);
  const target = new Target();
  const publisher = new Publisher(server.url, { retry: QUICK });
  const options = {
    target,
    retry: QUICK,
    fetchRetry: new RetryPolicy({ first: 1, longest: 5, giveUpAfter: 0 }),
    attempts: 30,
    fetch: (operation) => source.fetch(operation, 0.2),
  };
  let mirror = new Mirror(proxy.url, options);
  let run = mirror.run();

  for (let round = 1; round <= 3; round++) {
    for (let i = 0; i < 10; i++) {
      await Promise.all(Array.from({ length: 60 }, () => publisher.publish(source.change())));
      if (random() < 0.3) proxy.cutAll();
      if (random() < 0.3) {
        await mirror.close();
        await run;
        mirror = new Mirror(proxy.url, options);
        run = mirror.run();
      }
    }
    await settled(source, target, publisher, round);
    assert.deepEqual(target.copies, new Map([...source.objects].sort()));
    assert.ok(target.checkpoint.includes(` ${round} live`), target.checkpoint);

    // what the log knew is lost, deletes included: a new one is told what exists
    await server.kill();
    server.wipe();
    for (let i = 0; i < 20; i++) source.change();
    await server.start();
    await Promise.all([...source.all()].map((change) => publisher.publish(change)));
  }
  await settled(source, target, publisher, 'end');
  assert.deepEqual(target.copies, new Map([...source.objects].sort()));
  await mirror.close();
  await run;
  assert.ok(target.commits.some((text) => text.endsWith('reset')), 'a replication was committed in parts');
});

test('a mirror of a part has what belongs to it, and its position moves on while others change', { timeout: 30_000 }, async (t) => {
  const server = await Server.started('--progress-interval', '100ms');
  t.after(() => server.close());
  const publisher = new Publisher(server.url);
  const target = new Target();
  const fetched = [];
  const progress = [];
  const mirror = new Mirror(server.url, {
    target,
    parents: ['user/a'],
    fetch: async ({ id }) => (fetched.push(id), id === 'gone' ? null : { id }),
    onProgress: (one) => progress.push(one),
  });
  for (const id of ['1', '2', 'gone']) await publisher.publish({ kind: 'insert', type: 'v', id, parents: ['user/a'] });
  const run = mirror.run();
  await target.until(() => target.checkpoint?.endsWith(' 1 live'));
  assert.deepEqual([...target.objects.keys()], ['v/1', 'v/2']);
  assert.deepEqual(progress.map(({ replicated, live }) => [replicated, live]), [[3, true]]);
  assert.ok(progress[0].rate > 0 && progress[0].rate < 3000, `rate=${progress[0].rate}`);
  assert.deepEqual(fetched, ['1', '2', 'gone']);
  await mirror.close();
  await run;
  const passed = await publisher.publish({ kind: 'insert', type: 'v', id: '9', parents: ['user/c'] });
  const later = new Mirror(server.url, { target, parents: ['user/a'], fetch: () => assert.fail('a fetch') });
  const second = later.run();
  await target.until(() => target.checkpoint.slice(8, 24) >= passed.slice(8)); // progress is committed
  await later.close();
  await second;
});

/** A stream of what is given, and then nothing more. */
const streaming = (t, ...events) => scripted(t, (_, response) => stream(response).write(events.join('')));

test('progress is heard once a second, and when it is live', { timeout: 10_000 }, async (t) => {
  const cut = event(idOf(0), 'reset') + event(idOf(1), 'insert', dataOf('a')) + event(idOf(2), 'insert', dataOf('b'));
  let more;
  const url = await scripted(t, (_, response) => (more = stream(response)).write(cut));
  const target = new Target();
  const heard = [];
  const mirror = new Mirror(url, { target, fetch: async ({ id }) => id, onProgress: (one) => heard.push(one) });
  const run = mirror.run();
  await target.until(() => target.checkpoint?.startsWith(idOf(2)));
  assert.deepEqual(heard, []);
  const send = async (n, ...rest) => {
    more.write(event(idOf(n), ...rest));
    await target.until(() => target.checkpoint.startsWith(idOf(n)));
  };
  let n = 2;
  while (heard.length === 0) await send(++n, 'update', dataOf('a'));
  assert.deepEqual([heard[0].replicated, heard[0].live], [n, false]);
  assert.ok(heard[0].rate <= n && heard[0].rate > n / 10, `rate=${heard[0].rate}, and ${n} in a second`);
  await send(n, 'live');
  while (heard.length === 1) await new Promise(setImmediate);
  assert.deepEqual([heard[1].replicated, heard[1].live], [n, true]);
  while (heard.length === 2) await send(++n, 'update', dataOf('a'));
  assert.deepEqual([heard[2].replicated, heard[2].live], [n, true]);
  await mirror.close();
  await run;
});

test('an operation without our parents is a removal', { timeout: 10_000 }, async (t) => {
  const url = await streaming(t, event(idOf(1), 'insert', dataOf('a', ['p'])), event(idOf(2), 'update', dataOf('b', ['q'])));
  const target = new Target();
  const fetched = [];
  const mirror = new Mirror(url, { target, parents: ['p'], fetch: async ({ id }) => (fetched.push(id), id) });
  target.objects.set('video/b', {});
  const run = mirror.run();
  await target.until(() => target.checkpoint?.startsWith(idOf(2)));
  assert.deepEqual([[...target.objects.keys()], fetched], [['video/a'], ['a']]);
  await mirror.close();
  await run;
});

test('what cannot be had stops the mirror, or is skipped', { timeout: 10_000 }, async (t) => {
  const url = await streaming(t, event(idOf(1), 'insert', dataOf('a')), event(idOf(2), 'insert', dataOf('b')));
  let attempts = 0;
  const fetch = async ({ id }) => {
    if (id === 'b') return id;
    attempts++;
    throw new Error('away');
  };
  const fetchRetry = new RetryPolicy({ first: 1, longest: 1, giveUpAfter: 0 });
  const stopped = new Target();
  await assert.rejects(new Mirror(url, { target: stopped, fetch, fetchRetry, attempts: 3 }).run(), /away/);
  assert.deepEqual([attempts, stopped.checkpoint], [3, null]);

  const target = new Target();
  const dead = [];
  const onDeadLetter = (operation, e) => (dead.push([operation.id, e.message]), 'skip');
  const mirror = new Mirror(url, { target, fetch, fetchRetry, attempts: 2, onDeadLetter });
  const run = mirror.run();
  await target.until(() => target.checkpoint?.startsWith(idOf(2)));
  assert.deepEqual([[...target.objects.keys()], dead], [['video/b'], [['a', 'away']]]);
  await mirror.close();
  await run;
});

test('a replication that was cut goes on in its generation', { timeout: 10_000 }, async (t) => {
  const asked = [];
  const url = await scripted(t, (request, response) => {
    asked.push(request.headers['last-event-id']);
    stream(response).write(event(idOf(6), 'insert', dataOf('new')) + event(idOf(6), 'live'));
  });
  const target = new Target();
  target.checkpoint = `${idOf(5)} 7 reset`;
  target.objects.set('video/old', { generation: 6 });
  target.objects.set('video/kept', { generation: 7 });
  const mirror = new Mirror(url, { target, fetch: async ({ id }) => id });
  const run = mirror.run();
  await target.until(() => target.checkpoint?.endsWith('live'));
  assert.deepEqual([asked, target.checkpoint], [[idOf(5)], `${idOf(6)} 7 live`]);
  assert.deepEqual([...target.objects.keys()].sort(), ['video/kept', 'video/new']);
  await mirror.close();
  await run;
});

test('an event of an unknown name holds no batch back', { timeout: 10_000 }, async (t) => {
  const url = await streaming(t, event(idOf(1), 'insert', dataOf('a')), event(idOf(2), 'later'));
  const target = new Target();
  const mirror = new Mirror(url, { target, fetch: async ({ id }) => id });
  const run = mirror.run();
  await target.until(() => target.checkpoint?.startsWith(idOf(1)));
  await mirror.close();
  await run;
});

test('a mirror that failed may run again, for the same part', { timeout: 10_000 }, async (t) => {
  const asked = [];
  const url = await scripted(t, (request, response) => {
    asked.push(request.url);
    stream(response).write(event(idOf(1), 'insert', dataOf('a', ['p'])));
  });
  const target = new Target();
  let isAway = true;
  const fetch = async ({ id }) => {
    if (isAway) throw new Error('away');
    return id;
  };
  const parents = new Set(['p']).values(); // which gives them once
  const mirror = new Mirror(url, { target, fetch, attempts: 1, parents });
  await assert.rejects(mirror.run(), /away/);
  isAway = false;
  const run = mirror.run();
  assert.equal(mirror.run(), run);
  await target.until(() => target.objects.has('video/a'));
  await mirror.close();
  await run;
  assert.deepEqual(asked, Array(2).fill('/ops?progress=1&parent=p'));
});

test('a target with something else in it is left alone', async () => {
  const target = new Target();
  target.checkpoint = 'something';
  await assert.rejects(new Mirror('localhost:1', { target, fetch: () => null }).run(), /no checkpoint of a mirror/);
});
