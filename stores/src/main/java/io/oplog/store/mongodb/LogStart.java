package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;

import com.mongodb.client.model.UpdateOptions;
import org.bson.Document;

/**
 * Where the log begins. Moved before anything is deleted, so that what is half deleted is not read.
 *
 * @param number of the first block
 * @param first sequence of its first operation
 * @param bytesBefore of all frames before it
 */
record LogStart(long number, long first, long bytesBefore) {
  static final LogStart START = new LogStart(1, 1, 0);
  private static final String ID = "start";
  private static final String NUMBER = "number";
  private static final String FIRST = "first";
  private static final String BYTES_BEFORE = "bytesBefore";

  static LogStart read(LogDatabase database) {
    Document stored = database.single(ID);
    return stored == null
        ? START
        : new LogStart(stored.getLong(NUMBER), stored.getLong(FIRST), stored.getLong(BYTES_BEFORE));
  }

  /** Moves it on; it never moves back. */
  void write(LogDatabase database) {
    Document values =
        new Document(NUMBER, number).append(FIRST, first).append(BYTES_BEFORE, bytesBefore);
    database.meta.updateOne(
        eq("_id", ID), new Document("$max", values), new UpdateOptions().upsert(true));
  }
}
