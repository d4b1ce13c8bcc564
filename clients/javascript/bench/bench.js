// How fast events are consumed, beside a loop that splits blocks and parses their JSON, which does
// none of what a client must; and what memory a long replication takes.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { follow } from '../dist/index.js';

const EVENTS = 300_000;
const STATES = 1_000_000;
const ROUNDS = 5;

function* blocks(count) {
  for (let from = 1; from <= count; from += 400) {
    let text = '';
    for (let n = from; n < Math.min(from + 400, count + 1); n++) text += block(n);
    yield Buffer.from(text);
  }
  yield Buffer.from(`id: ${idOf(count)}\nevent: live\ndata: {}\n\n`);
}

function block(n) {
  const data = `{"timestamp":"2014-11-06T11:04:39.041Z","parents":["user/x${n % 1000}","video/v${n}"],"type":"video","id":"v${n}"}`;
  return `id: ${idOf(n)}\nevent: insert\ndata: ${data}\n\n`;
}

function idOf(n) {
  return `6920c0de0001${n.toString(16).padStart(12, '0')}`;
}

/** Serves a stream of so many events; in a thread of its own, so that it takes no time of ours. */
async function serve() {
  const bodies = new Map([[workerData.cached, [...blocks(workerData.cached)]]]);
  const server = createServer(async (request, response) => {
    const count = Number(new URL(request.url, 'http://x').searchParams.get('types'));
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const bytes of bodies.get(count) ?? blocks(count)) {
      if (response.destroyed) return;
      if (!response.write(bytes)) await once(response, 'drain').catch(() => undefined);
    }
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
}

async function simple(url, count) {
  const answer = await fetch(`${url}/ops?progress=1&types=${count}`);
  const decoder = new TextDecoder();
  let rest = '';
  let seen = 0;
  for await (const bytes of answer.body) {
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n\n');
    rest = parts.pop();
    for (const part of parts) {
      const at = part.indexOf('data: ');
      const { id } = JSON.parse(part.slice(at + 6));
      if (id === undefined) return seen;
      seen++;
    }
  }
  throw new Error('the stream ended');
}

async function ours(url, count, each = () => undefined) {
  let seen = 0;
  const stream = follow(url, { from: '0', types: [String(count)] });
  for await (const event of stream) {
    if (event.kind === 'live') return seen;
    seen++;
    stream.acknowledge(event);
    each(seen);
  }
}

async function rate(consume, url) {
  const begin = performance.now();
  const seen = await consume(url, EVENTS);
  if (seen !== EVENTS) throw new Error(`seen=${seen}`);
  return EVENTS / ((performance.now() - begin) / 1000);
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function speed(url) {
  const rates = { simple: [], ours: [] };
  for (let round = -1; round < ROUNDS; round++) {
    const [a, b] = [await rate(simple, url), await rate(ours, url)];
    if (round < 0) continue; // the compiler's
    rates.simple.push(a);
    rates.ours.push(b);
  }
  const [a, b] = [median(rates.simple), median(rates.ours)];
  console.log(`a loop      ${Math.round(a)} events a second`);
  console.log(`oplog-client ${Math.round(b)} events a second`);
  console.log(`ratio       ${(b / a).toFixed(2)}`);
}

async function memory(url) {
  const heap = [];
  await ours(url, STATES, (seen) => {
    if (seen % 100_000 !== 0) return;
    globalThis.gc();
    heap.push((process.memoryUsage().heapUsed / 2 ** 20).toFixed(1));
  });
  console.log(`heap after each 100,000 of ${STATES} states: ${heap.join(' ')} MiB`);
  console.log(`resident    ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB, the server's thread too`);
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { cached: EVENTS } });
  const [port] = await once(worker, 'message');
  const url = `http://127.0.0.1:${port}`;
  await speed(url);
  await memory(url);
  await worker.terminate();
} else {
  await serve();
}
