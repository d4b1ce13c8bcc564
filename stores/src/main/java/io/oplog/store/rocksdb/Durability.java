package io.oplog.store.rocksdb;

/** What an acknowledged operation survives. */
public enum Durability {

  /**
   * Acknowledged operations are on the disk: they survive a crash of this process, of the operating
   * system, and a power failure, as far as the disk keeps what it said it has written.
   */
  DISK,

  /**
   * Acknowledged operations were handed to the operating system: they survive a crash or kill of
   * this process, but a crash of the operating system or a power failure loses the newest of them
   * (usually the last half minute).
   */
  OS
}
