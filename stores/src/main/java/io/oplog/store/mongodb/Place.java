package io.oplog.store.mongodb;

/**
 * The end of the chain after some block.
 *
 * @param number of that block; 0 before the first
 * @param sequence of the last operation so far
 * @param millis commit time of the block: no later one has an earlier time
 * @param bytes of all frames so far
 */
record Place(long number, long sequence, long millis, long bytes) {
  static final Place START = new Place(0, 0, 0, 0);
}
