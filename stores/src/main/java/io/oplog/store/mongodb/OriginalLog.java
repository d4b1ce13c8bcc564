package io.oplog.store.mongodb;

import static com.mongodb.client.model.Filters.and;
import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;
import static com.mongodb.client.model.Filters.in;
import static com.mongodb.client.model.Filters.or;
import static com.mongodb.client.model.Sorts.ascending;
import static com.mongodb.client.model.Sorts.descending;

import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bson.BsonDateTime;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * The data of the original OpLog in the same database, as protocol.md names it: {@code oplog_ops},
 * capped, whose natural order is the order of its log; and {@code oplog_states}, in which an
 * operation may lack that is in the first. Read only. Thread-safe.
 */
final class OriginalLog {
  private static final String OPERATIONS = "oplog_ops";
  private static final String STATES = "oplog_states";
  private static final Bson ID_ALONE = new Document("_id", 1);

  private final MongoDatabase database;
  private final MongoCollection<Document> operations;
  private final MongoCollection<Document> states;

  OriginalLog(MongoDatabase database) {
    this.database = database;
    this.operations = database.getCollection(OPERATIONS);
    this.states = database.getCollection(STATES);
  }

  boolean isThere() {
    List<String> names = database.listCollectionNames().into(new ArrayList<>());
    return names.contains(OPERATIONS) || names.contains(STATES);
  }

  /** About how many states there are. */
  long count() {
    return states.estimatedDocumentCount();
  }

  /**
   * States in the order of their times, after a place in that order; from the first with null, and
   * after those that have no time, whose order is not known.
   */
  FindIterable<Document> statesAfter(TakeOverPlace.@Nullable States place) {
    return states
        .find(place == null || place.millis() == 0 ? new Document() : after(place))
        .sort(ascending("ts", "_id"))
        .allowDiskUse(true)
        .batchSize(1000);
  }

  private static Bson after(TakeOverPlace.States place) {
    BsonDateTime time = new BsonDateTime(place.millis());
    return or(gt("ts", time), and(eq("ts", time), gt("_id", place.id())));
  }

  /** The states of some objects, by their keys. */
  Map<String, OriginalEntry> states(Collection<String> keys) {
    Map<String, OriginalEntry> found = new HashMap<>();
    for (Document state : states.find(in("_id", keys))) {
      found.put(state.getString("_id"), new OriginalEntry(state));
    }
    return found;
  }

  /** The operations that are left of its log, in its order. */
  FindIterable<Document> operations() {
    return operations.find().sort(ascending("$natural")).batchSize(1000);
  }

  @Nullable Document operation(Object id) {
    return operations.find(eq("_id", id)).first();
  }

  /** The newest operation's id; null when there is none. */
  @Nullable ObjectId newestId() {
    Document newest =
        operations.find().projection(ID_ALONE).sort(descending("_id")).limit(1).first();
    return newest != null && newest.get("_id") instanceof ObjectId id ? id : null;
  }

  /** What stands in its ids where ours have the incarnation: bytes 5 and 6 of 12. */
  Set<Integer> incarnations() {
    Set<Integer> found = new HashSet<>();
    for (Document operation : operations.find().projection(ID_ALONE).batchSize(10_000)) {
      if (operation.get("_id") instanceof ObjectId id) {
        byte[] bytes = id.toByteArray();
        found.add((bytes[4] & 0xff) << 8 | (bytes[5] & 0xff));
      }
    }
    return found;
  }
}
