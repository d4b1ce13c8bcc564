/**
 * The log on a MongoDB replica set, shared by any number of agents.
 *
 * <p>The log is a chain of blocks, each one document whose {@code _id} is its number. An agent that
 * knows the chain to its end inserts the next number with majority concern: of several that try,
 * the unique key lets one through, and the others hear of its block and try the next. So the chain
 * is the total order, a block is there whole or not at all, nobody holds a lock while it is frozen,
 * and repeating an insert whose result was not heard tells whether it happened.
 *
 * <p>The states follow the log, as on the embedded store. Whichever agent has the fold's lease
 * moves them, in transactions that write nothing unless the fold still stands where it was read: a
 * lease saves work and is not needed for correctness.
 */
@NullMarked
package io.oplog.store.mongodb;

import org.jspecify.annotations.NullMarked;
