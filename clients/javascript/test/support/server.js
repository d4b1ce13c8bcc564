import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const LAUNCHER = fileURLToPath(new URL('../../../../oplog', import.meta.url));

/** The real server, in a folder of its own, on a port that it keeps. */
export class Server {
  port = 0;
  #folder = mkdtempSync(join(tmpdir(), 'oplog-js-'));
  #flags;
  #child = null;

  static async started(...flags) {
    const server = new Server();
    server.#flags = flags;
    await server.start();
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    const address = `127.0.0.1:${this.port}`;
    const child = spawn(
      LAUNCHER,
      ['serve', '--listen', address, '--data', join(this.#folder, 'data'), ...this.#flags],
      { env: { OPLOG_JAVA_OPTS: '-Xmx192m', ...process.env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#child = child;
    child.stderr.resume();
    for await (const line of createInterface({ input: child.stdout })) {
      const port = /listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port) {
        this.port = Number(port);
        child.stdout.resume();
        return;
      }
    }
    throw new Error('the server did not start');
  }

  async kill() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** The log is lost: the next start makes a new one. */
  wipe() {
    rmSync(join(this.#folder, 'data'), { recursive: true });
  }

  async close() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}
