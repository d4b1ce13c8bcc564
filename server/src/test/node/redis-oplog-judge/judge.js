/**
 * A judge of what is published for redis-oplog: it observes queries as that does, from messages, and
 * compares what it then has with what the database has. Commands come as lines of EJSON on standard
 * input, the first of which says where the servers are; each is answered by a line of JSON.
 */
import { createInterface } from 'node:readline';
import { Channels } from './channels.js';
import { parse } from './ejson.js';
import { LiveResult } from './live-result.js';
import { MongoClient } from './mongodb.js';
import { strategyOf } from './strategies.js';

class Judge {
  #observers = [];
  #tallies = {};

  /** Connects to the servers. */
  async start({ mongodb, database, ...redis }) {
    this.client = await MongoClient.connect(mongodb, { promoteBuffers: true });
    this.database = this.client.db(database);
    this.channels = new Channels(redis, this.database);
    return {};
  }

  /** Fetches, then hears the channels, as redis-oplog does: nothing may be written between. */
  async observe({ name, collection, query: { selector = {}, options = {} } }) {
    const strategy = strategyOf(selector, options);
    const tally = (what) => this.#count(`${strategy.name}: ${what}`);
    const live = new LiveResult(this.database.collection(collection), { selector, options }, tally);
    await live.fetch();
    this.#observers.push({ name, live, strategy });
    const channels = strategy.channels(collection, selector);
    for (const channel of channels) {
      await this.channels.attach(channel, { live, strategy });
    }
    return { channels };
  }

  #count(what) {
    this.#tallies[what] = (this.#tallies[what] ?? 0) + 1;
  }

  async listen({ collection }) {
    await this.channels.listen(collection);
    return {};
  }

  /** Whether the message of a document has come on its collection's channel. */
  seen({ collection, id }) {
    return { seen: this.channels.hasSeen(collection, id) };
  }

  /** How many messages were worked off. */
  count() {
    return { messages: this.channels.messages };
  }

  async compare() {
    await this.channels.quiet;
    const differences = [];
    for (const { name, live } of this.#observers) {
      const found = await live.differences();
      differences.push(...found.map((one) => ({ name, ...one })));
    }
    return { differences, ...this.#figures() };
  }

  #figures() {
    const { messages, faults } = this.channels;
    const documents = this.#observers.reduce((sum, { live }) => sum + live.size, 0);
    return { faults, messages, observers: this.#observers.length, documents, tallies: this.#tallies };
  }

  async stop() {
    this.channels.redis.close();
    await this.client.close();
    return {};
  }
}

const judge = new Judge();
const COMMANDS = ['start', 'observe', 'listen', 'seen', 'count', 'compare', 'stop'];

for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...arguments_ } = parse(line);
  if (!COMMANDS.includes(name)) {
    throw new Error(`no command: ${name}`);
  }
  console.log(JSON.stringify(await judge[name](arguments_)));
}
