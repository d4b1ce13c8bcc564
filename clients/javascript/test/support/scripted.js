import { once } from 'node:events';
import { createServer } from 'node:http';

/** An HTTP server that answers as a function says; for answers that the real one never gives. */
export async function scripted(t, answer) {
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}`;
}

/** Begins an answer that is a stream. */
export function stream(response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
  return response;
}

/** An event as the server writes it. */
export function event(id, kind, data = '{}') {
  return `id: ${id}\nevent: ${kind}\ndata: ${data}\n\n`;
}

/** The nth event id. */
export function idOf(n) {
  return `6920c0de0001${n.toString(16).padStart(12, '0')}`;
}

/** The data of an operation on an object. */
export function dataOf(id, parents = []) {
  return JSON.stringify({ timestamp: '2014-11-06T11:04:39.041Z', parents, type: 'video', id });
}
