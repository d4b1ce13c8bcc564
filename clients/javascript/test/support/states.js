import { follow } from '../../dist/index.js';

/** What is left of operations: the last of each object that exists. */
export class States {
  objects = new Map();

  apply(event) {
    if (event.kind === 'reset') this.objects.clear();
    else if (event.kind === 'delete') this.objects.delete(`${event.type}/${event.id}`);
    else if (event.kind !== 'live') this.objects.set(`${event.type}/${event.id}`, shown(event));
  }
}

function shown({ parents, timestamp }) {
  return `${timestamp} ${parents}`;
}

/** The server's own, by a fresh replication. */
export async function statesOf(url, filter = {}) {
  const states = new States();
  for await (const event of follow(url, { from: '0', ...filter })) {
    states.apply(event);
    if (event.kind === 'live') return states.objects;
  }
}

/** A random operation on one of some objects. */
export function someChange(random, objects = 200) {
  const kind = random() < 0.25 ? 'delete' : random() < 0.5 ? 'insert' : 'update';
  const parents = random() < 0.5 ? ['user/a'] : ['user/b', 'user/ü, x'];
  return { kind, type: random() < 0.7 ? 'video' : 'user', id: `o${Math.floor(random() * objects)}`, parents };
}
