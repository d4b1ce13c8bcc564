package io.oplog.store.mongodb;

import io.oplog.core.store.StoreException;
import io.oplog.protocol.EventId;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.bson.Document;

/** The document that makes a database a log: the form of its data, and its incarnation. */
final class Identity {
  static final String ID = "store";
  private static final String INCARNATION = "incarnation";
  private static final String FORMAT = "format";
  private static final int FORMAT_NOW = 1;

  private Identity() {}

  /**
   * Makes a database a log, unless it is one.
   *
   * @return its incarnation
   */
  static int establish(LogDatabase database) throws StoreException {
    if (!database.has(ID)) {
      database.insertIfAbsent(
          new Document("_id", ID)
              .append(FORMAT, FORMAT_NOW)
              .append(INCARNATION, newIncarnation(database)));
    }
    database.insertIfAbsent(Folder.none());
    database.insertIfAbsent(Lease.none());
    Document stored = database.require(ID);
    requireKnown(stored.getInteger(FORMAT));
    return stored.getInteger(INCARNATION);
  }

  private static void requireKnown(int format) throws StoreException {
    if (format != FORMAT_NOW) {
      throw new StoreException(
          "the data has format "
              + format
              + ", this server knows "
              + FORMAT_NOW
              + ": use a newer one");
    }
  }

  /** One that no id of the original's could be taken for. */
  private static int newIncarnation(LogDatabase database) {
    Set<Integer> taken = database.original.incarnations();
    int chosen;
    do {
      chosen = ThreadLocalRandom.current().nextInt(1, EventId.MAX_INCARNATION + 1);
    } while (taken.contains(chosen));
    return chosen;
  }
}
