// Keeps a copy of an API's objects in a JSON file: node examples/json-mirror.js copy.json
// OPLOG_URL is the server's address, API_URL that of the objects: API_URL/type/id.
import { open, readFile, rename } from 'node:fs/promises';
import { Mirror } from 'oplog-client';

/** The objects and the checkpoint are in one file, replaced as a whole: they never disagree. */
class JsonFile {
  #path;
  #kept = { checkpoint: null, objects: {} };

  constructor(path) {
    this.#path = path;
  }

  async load() {
    const text = await readFile(this.#path, 'utf8').catch((e) => {
      if (e.code !== 'ENOENT') throw e;
    });
    if (text) this.#kept = JSON.parse(text);
    return this.#kept.checkpoint;
  }

  async commit(changes, checkpoint) {
    for (const change of changes) this.#apply(change);
    this.#kept.checkpoint = checkpoint;
    await this.#write(JSON.stringify(this.#kept));
  }

  #apply(change) {
    const { objects } = this.#kept;
    const key = `${change.type}/${change.id}`;
    if (change.kind === 'put') objects[key] = { object: change.object, generation: change.generation };
    else if (change.kind === 'remove') delete objects[key];
    else for (const key in objects) if (objects[key].generation < change.generation) delete objects[key];
  }

  async #write(text) {
    const file = await open(`${this.#path}.new`, 'w');
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await rename(`${this.#path}.new`, this.#path);
  }
}

async function fetchObject({ type, id }, signal) {
  const api = process.env.API_URL ?? 'http://localhost:3000';
  const answer = await fetch(`${api}/${encodeURIComponent(type)}/${encodeURIComponent(id)}`, { signal });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
  return answer.json();
}

const mirror = new Mirror(process.env.OPLOG_URL ?? 'http://localhost:8042', {
  fetch: fetchObject,
  target: new JsonFile(process.argv[2] ?? 'copy.json'),
  onProgress: ({ replicated, rate, live }) =>
    console.log(`${replicated} replicated, ${Math.round(rate)} a second${live ? ', live' : ''}`),
});
process.on('SIGTERM', () => mirror.close());
process.on('SIGINT', () => mirror.close());
await mirror.run();
