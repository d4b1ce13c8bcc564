package io.oplog.server.command;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Filters.gt;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoException;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteManyModel;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateManyModel;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.bson.Document;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;

/** Writes at random what an application may. Several may write at once. */
final class RandomWriter {
  private static final int DUPLICATE = 11000;
  private static final int BULK = 12;
  private static final int TRANSACTION = 4;

  private final MongoClient client;
  private final MongoDatabase database;
  private final String name;
  private final Random random;
  private final RandomDocuments documents;
  private final RandomUpdates updates;
  private final List<Object> made = new ArrayList<>();
  private final AtomicInteger written = new AtomicInteger();

  /**
   * A writer.
   *
   * @param name tells the documents that it inserts from those of others
   */
  RandomWriter(MongoClient client, String database, String name, long seed) {
    this.client = client;
    this.database = client.getDatabase(database);
    this.name = name;
    this.random = new Random(seed);
    this.documents = new RandomDocuments(random);
    this.updates = new RandomUpdates(random, documents);
  }

  /** How many times it has written. */
  int written() {
    return written.get();
  }

  /** Writes so many times to one of these collections. */
  void write(int times, List<Judged> collections) {
    for (int i = 0; i < times; i++) {
      write(collections.get(random.nextInt(collections.size())));
      written.incrementAndGet();
    }
  }

  private void write(Judged into) {
    MongoCollection<Document> collection = database.getCollection(into.name());
    switch (random.nextInt(12)) {
      case 0 -> apply(collection, IntStream.range(0, BULK).mapToObj(_ -> model(into)).toList());
      case 1 -> transaction(collection, into);
      case 2 -> collection.findOneAndUpdate(eq(old(into)), updates.operators());
      case 3 -> collection.findOneAndReplace(eq(old(into)), documents.document());
      case 4 -> collection.findOneAndDelete(eq(old(into)));
      default -> apply(collection, List.of(model(into)));
    }
  }

  private WriteModel<Document> model(Judged into) {
    return switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> new InsertOneModel<>(withId(fresh(into)));
      case 4 -> new ReplaceOneModel<>(eq(old(into)), documents.document());
      case 5 -> new ReplaceOneModel<>(eq(fresh(into)), documents.document(), upsertingReplace());
      case 6 -> new UpdateOneModel<>(eq(fresh(into)), updates.operators(), upserting());
      case 7 -> new UpdateManyModel<>(many(), updates.operators());
      case 8 -> new DeleteOneModel<>(eq(old(into)));
      case 9 -> new DeleteManyModel<>(gt("rank", 47));
      default -> updates.of(eq(old(into)));
    };
  }

  private Bson many() {
    return eq("rank", documents.rank());
  }

  private static UpdateOptions upserting() {
    return new UpdateOptions().upsert(true);
  }

  private static ReplaceOptions upsertingReplace() {
    return new ReplaceOptions().upsert(true);
  }

  private Document withId(Object id) {
    Document document = new Document("_id", id);
    document.putAll(documents.document());
    return document;
  }

  /** An id that there may be a document of. */
  private Object old(Judged into) {
    return into.comesAgain() || made.isEmpty() ? known() : made.get(random.nextInt(made.size()));
  }

  /** An id that may be inserted. */
  private Object fresh(Judged into) {
    if (into.comesAgain()) {
      return known();
    }
    Object id = random.nextBoolean() ? new ObjectId() : name + made.size();
    made.add(id);
    return id;
  }

  private Object known() {
    List<Object> ids = JudgedQueries.IDS;
    int index = random.nextInt(ids.size() + 1);
    return index == ids.size() ? JudgedQueries.PARTLY : ids.get(index);
  }

  private static void apply(
      MongoCollection<Document> collection, List<WriteModel<Document>> models) {
    try {
      collection.bulkWrite(models, new BulkWriteOptions().ordered(false));
    } catch (MongoBulkWriteException e) {
      e.getWriteErrors().forEach(error -> requireDuplicate(error.getCode(), e));
    }
  }

  /** It is in the way of one that is there already. */
  private static void requireDuplicate(int code, MongoException e) {
    if (code != DUPLICATE) {
      throw e;
    }
  }

  private void transaction(MongoCollection<Document> collection, Judged into) {
    List<WriteModel<Document>> models =
        IntStream.range(0, TRANSACTION).mapToObj(_ -> model(into)).toList();
    try (ClientSession session = client.startSession()) {
      session.withTransaction(() -> collection.bulkWrite(session, models));
    } catch (MongoBulkWriteException e) {
      e.getWriteErrors().forEach(error -> requireDuplicate(error.getCode(), e));
    }
  }
}
