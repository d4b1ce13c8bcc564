import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { ClosedError } from '../errors.js';
import { lineOf, type Change } from '../change.js';

const MOST_BYTES = 65_507;

/** Sends operations as datagrams, and knows nothing of their fate. */
export class UdpPublisher {
  readonly #host: string;
  readonly #port: number;
  #socket: Socket | null;
  readonly #onTheirWay = new Set<Promise<void>>();

  /** @param address where the server takes datagrams: the port is 8042 unless told otherwise */
  constructor({ host, port = 8042 }: { host: string; port?: number }) {
    this.#host = host;
    this.#port = port;
    this.#socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    this.#socket.unref();
    this.#socket.on('error', () => undefined); // such as that of an earlier datagram; none is told
  }

  /**
   * Ends when the datagram was given to the network.
   *
   * @throws {RangeError} when the operation has more bytes than a datagram
   */
  async publish(change: Change): Promise<void> {
    const bytes = Buffer.from(lineOf(change));
    if (bytes.length > MOST_BYTES) {
      throw new RangeError(`an operation of ${bytes.length} bytes: a datagram has ${MOST_BYTES}`);
    }
    const socket = this.#socket;
    if (socket === null) throw new ClosedError('the publisher was closed');
    const sent = new Promise<void>((resolve, reject) => {
      socket.send(bytes, this.#port, this.#host, (e) => (e === null ? resolve() : reject(e)));
    });
    this.#onTheirWay.add(sent);
    try {
      await sent;
    } finally {
      this.#onTheirWay.delete(sent);
    }
  }

  /** Ends when what was published before is sent: a socket that is closed forgets it. */
  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    await Promise.allSettled(this.#onTheirWay);
    if (socket !== null) await new Promise<void>((resolve) => socket.close(resolve));
  }
}
