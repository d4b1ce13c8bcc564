import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Publisher } from '../dist/index.js';
import { Server } from './support/server.js';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const isWanted = process.env.CLIENT_TESTS === 'all';
const skip = isWanted || existsSync(CHROMIUM) ? false : `no Chromium at ${CHROMIUM}; CHROMIUM names another place`;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'];
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync'];

async function servedExample(t) {
  const path = fileURLToPath(new URL('../examples/serve.js', import.meta.url));
  const child = spawn(process.execPath, [path], { env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return line;
}

async function openedPage(t) {
  const { chromium } = await import('playwright-core');
  const folder = mkdtempSync(join(tmpdir(), 'oplog-js-chromium-'));
  const browser = await chromium.launchPersistentContext(folder, { executablePath: CHROMIUM, args: [...FLAGS, ...QUIET] });
  t.after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return browser.pages()[0] ?? browser.newPage();
}

test('a page in Chromium shows what changes, also after the server was killed', { skip, timeout: 60_000 }, async (t) => {
  const origin = await servedExample(t);
  const server = await Server.started('--cors-origin', origin);
  t.after(() => server.close());
  const publisher = new Publisher(server.url);
  await publisher.publish({ kind: 'insert', type: 'video', id: 'before' });
  const page = await openedPage(t);
  const failures = [];
  page.on('pageerror', (e) => failures.push(e));
  const asked = [];
  page.on('request', (request) => request.url().includes('/ops') && asked.push(request.headers()['last-event-id']));
  await page.goto(`${origin}/?server=${server.url}`);

  const line = (id) => page.locator('li', { hasText: `video/${id} ` });
  await line('before').waitFor();
  await page.locator('#state', { hasText: 'live' }).waitFor();
  await publisher.publish({ kind: 'insert', type: 'video', id: 'now' });
  await line('now').waitFor();
  await server.kill();
  await page.locator('#state', { hasText: 'again in' }).waitFor();
  await server.start();
  await publisher.publish({ kind: 'delete', type: 'video', id: 'before' });
  await line('before').waitFor({ state: 'detached' });
  await publisher.publish({ kind: 'insert', type: 'video', id: 'after' });
  await line('after').waitFor();
  assert.equal(await page.locator('li').count(), 2);
  assert.equal(asked[0], '0');
  assert.match(asked.at(-1), /^[0-9a-f]{24}$/);
  assert.deepEqual(failures, []);

  // a page may publish too, where the server names its origin; what is long too, which is not packed then
  const eventId = await page.evaluate(async (url) => {
    const { Publisher } = await import('/dist/index.js');
    return new Publisher(url).publish({ kind: 'insert', type: 'video', id: 'x'.repeat(2000) });
  }, server.url);
  assert.match(eventId, /^[0-9a-f]{24}$/);
  await line('x'.repeat(2000)).waitFor();
});
