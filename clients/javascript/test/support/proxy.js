import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** A network that cuts connections, holds bytes back, splits them, and may change them. */
export class Proxy {
  #server;
  #target;
  #pairs = new Set();
  #random;
  #cutEvery;
  #garbleEvery;
  /** How many bytes of answers were changed. */
  garbled = 0;
  /** How many connections were cut in the midst of an answer. */
  cuts = 0;

  /**
   * @param cutEvery mean bytes from the server until a connection is cut; 0 cuts none
   * @param garbleEvery mean bytes from the server until one is changed; 0 changes none
   */
  static async before(target, { random = Math.random, cutEvery = 0, garbleEvery = 0 } = {}) {
    const proxy = new Proxy();
    proxy.#target = target;
    proxy.#random = random;
    proxy.#cutEvery = cutEvery;
    proxy.#garbleEvery = garbleEvery;
    proxy.#server = createServer((client) => proxy.#pair(client));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  calm() {
    this.#cutEvery = 0;
  }

  cutAll() {
    for (const end of this.#pairs) end();
  }

  #pair(client) {
    const server = connect(this.#target.port, '127.0.0.1');
    const end = () => {
      this.#pairs.delete(end);
      client.destroy();
      server.destroy();
    };
    this.#pairs.add(end);
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.pipe(server);
    void this.#copy(server, client, end);
  }

  async #copy(server, client, end) {
    let left = this.#cutEvery * 2 * this.#random();
    try {
      for await (const bytes of server) {
        this.#garble(bytes);
        for (const piece of this.#split(bytes)) {
          left -= piece.length;
          if (this.#cutEvery > 0 && left < 0) {
            this.cuts++;
            client.write(piece.subarray(0, piece.length / 2), end);
            return;
          }
          client.write(piece);
          if (this.#random() < 0.1) await new Promise((go) => setTimeout(go, this.#random() * 5));
        }
        if (client.writableNeedDrain) await once(client, 'drain');
      }
    } catch {
      // it was cut
    }
    end();
  }

  #garble(bytes) {
    if (this.#garbleEvery === 0) return;
    const next = () => 1 + Math.floor(this.#random() * 2 * this.#garbleEvery);
    for (let at = next() - 1; at < bytes.length; at += next()) {
      bytes[at] ^= 1 + Math.floor(this.#random() * 255);
      this.garbled++;
    }
  }

  *#split(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + Math.floor(this.#random() ** 3 * 20_000);
      yield bytes.subarray(at, at + size);
      at += size;
    }
  }

  async close() {
    this.cutAll();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
