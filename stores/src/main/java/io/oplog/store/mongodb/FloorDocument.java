package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.eq;

import com.mongodb.client.ClientSession;
import com.mongodb.client.model.UpdateOptions;
import io.oplog.core.store.Bounds.Floor;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/** The newest tombstone that was dropped, as it is stored. */
final class FloorDocument {
  private static final String ID = "floor";
  private static final String SEQUENCE = "sequence";
  private static final String SECOND = "second";

  private FloorDocument() {}

  static Floor read(LogDatabase database, ClientSession session) {
    return of(database.meta.find(session, eq("_id", ID)).first());
  }

  static Floor read(LogDatabase database) {
    return of(database.meta.find(eq("_id", ID)).first());
  }

  private static Floor of(@Nullable Document stored) {
    return stored == null
        ? Floor.NONE
        : new Floor(stored.getLong(SEQUENCE), stored.getLong(SECOND));
  }

  /** Raises it; it never falls. */
  static void raise(LogDatabase database, ClientSession session, Floor floor) {
    if (floor.sequence() > read(database, session).sequence()) {
      Document values = new Document(SEQUENCE, floor.sequence()).append(SECOND, floor.second());
      database.meta.updateOne(
          session, eq("_id", ID), new Document("$set", values), new UpdateOptions().upsert(true));
    }
  }
}
