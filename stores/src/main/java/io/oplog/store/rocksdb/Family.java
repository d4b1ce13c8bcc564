package io.oplog.store.rocksdb;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** The column families, in the order in which each database holds them after its default one. */
enum Family {
  /** First sequence of a block to {@link LogBlock}. */
  LOG("log", 1),
  /** Name to small value: incarnation, openings, trim position, sources. Written with the log. */
  LOG_META("meta", 2),

  /** Sequence of an object's last operation to its {@link StateRecord}. */
  STATES("states", 1),
  /** Type and id to {@link ObjectRecord}. */
  OBJECTS("objects", 2),
  /** Sequence of a tombstone to its commit time, so that the oldest are found. */
  DELETES("deletes", 3),
  /** Sequence of the operation that no longer named parents to {@link LeftRecord}. */
  LEFT("left", 4),
  /** Name to small value: fold position, floor. Written with the states. */
  STATE_META("meta", 5);

  static final List<Family> OF_LOG = List.of(LOG, LOG_META);
  static final List<Family> OF_STATES = List.of(STATES, OBJECTS, DELETES, LEFT, STATE_META);

  private final String familyName;
  private final int number;

  Family(String familyName, int number) {
    this.familyName = familyName;
    this.number = number;
  }

  byte[] nameBytes() {
    return familyName.getBytes(StandardCharsets.US_ASCII);
  }

  /** Its number in its database: RocksDB numbers families in the order they are created. */
  int number() {
    return number;
  }
}
