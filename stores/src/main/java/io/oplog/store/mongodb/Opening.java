package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;

import com.mongodb.client.ClientSession;
import com.mongodb.client.model.UpdateOptions;
import io.oplog.protocol.EventId;
import java.util.List;
import org.bson.Document;

/**
 * That a store was opened on the log: nothing after {@code head} was committed before {@code
 * second}. An id above the head with earlier seconds was given out by a history that was lost when
 * an older copy of the database came back.
 */
record Opening(long head, long second) {
  private static final String ID = "openings";
  private static final String LIST = "list";
  private static final String HEAD = "head";
  private static final String SECOND = "second";

  /** How many of the newest are known. */
  static final int MOST = 1000;

  boolean lost(EventId id) {
    return id.sequence() > head && id.seconds() < second;
  }

  /** Adds one to those that are stored. */
  static void push(LogDatabase database, ClientSession session, Opening opening) {
    Document one = new Document(HEAD, opening.head()).append(SECOND, opening.second());
    Document each = new Document("$each", List.of(one)).append("$slice", -MOST);
    database.meta.updateOne(
        session,
        eq("_id", ID),
        new Document("$push", new Document(LIST, each)),
        new UpdateOptions().upsert(true));
  }

  /** Those that are stored. */
  static List<Opening> all(LogDatabase database) {
    Document stored = database.meta.find(eq("_id", ID)).first();
    return stored == null
        ? List.of()
        : stored.getList(LIST, Document.class).stream().map(Opening::of).toList();
  }

  private static Opening of(Document stored) {
    return new Opening(stored.getLong(HEAD), stored.getLong(SECOND));
  }
}
