package io.oplog.store.mongodb;

import org.bson.Document;

/**
 * How far the states have followed the log.
 *
 * @param number the last block that was folded whole
 * @param sequence the last operation, maybe within the block after that
 * @param millis its commit time
 */
record FoldPlace(long number, long sequence, long millis) {
  static final String ID = "fold";
  static final String NUMBER = "number";
  static final String SEQUENCE = "sequence";
  static final String MILLIS = "millis";
  static final FoldPlace START = new FoldPlace(0, 0, 0);

  static FoldPlace of(Document stored) {
    return new FoldPlace(stored.getLong(NUMBER), stored.getLong(SEQUENCE), stored.getLong(MILLIS));
  }

  Document toDocument() {
    return new Document(NUMBER, number).append(SEQUENCE, sequence).append(MILLIS, millis);
  }
}
