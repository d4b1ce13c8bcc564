// Serves the page and the library: node examples/serve.js, then http://localhost:8000
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8' };

const server = createServer(async (request, response) => {
  const path = new URL(request.url, 'http://localhost').pathname;
  const file = /^\/dist\/[a-z-]+\.js$/.test(path) ? `..${path}` : path === '/' ? 'page.html' : null;
  if (file === null) return response.writeHead(404).end();
  const body = await readFile(fileURLToPath(new URL(file, import.meta.url)));
  return response.writeHead(200, { 'Content-Type': TYPES[file.split('.').at(-1)] }).end(body);
});

server.listen(Number(process.env.PORT ?? 8000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
