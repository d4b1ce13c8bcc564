package io.oplog.connector.mongodb;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.CreateCollectionOptions;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.Fields;
import org.bson.BsonDateTime;
import org.bson.BsonTimestamp;
import org.bson.Document;

/**
 * A collection like that of mongod's oplog, which a test fills. Entry n has the time of second n.
 */
final class TestLog {
  private static final String NAME = "entries";
  private static final int BYTES = 64 << 10;

  private final TestDatabase database;
  private final MongoCollection<Document> entries;
  private int second = 100;

  TestLog(TestDatabase database) {
    this.database = database;
    this.entries = database.collection(NAME);
    create();
    append("op: 'n', ns: '', o: {msg: 'initiating set'}");
  }

  void create() {
    database
        .database()
        .createCollection(NAME, new CreateCollectionOptions().capped(true).sizeInBytes(BYTES));
  }

  void drop() {
    entries.drop();
  }

  /** Of what is in the collection {@code things}. */
  MongoSource source(String uri, Fields fields) {
    DocumentNeeds needs = new DocumentNeeds(database.filter("things*"), _ -> fields, false);
    return database.source(
        MongoSourceOptions.of(uri, needs, "")
            .withReading(new Reading.Log(database.namespace(NAME))));
  }

  static String time(int second) {
    return "{$timestamp: {t: " + second + ", i: 1}}";
  }

  /** Adds an entry. */
  int append(String entry) {
    second++;
    entries.insertOne(
        Document.parse("{" + entry + "}")
            .append("ts", new BsonTimestamp(second, 1))
            .append("wall", new BsonDateTime(second * 1000L)));
    return second;
  }

  int insert(int id) {
    return append(document("i", "o: {_id: " + id + "}"));
  }

  /** An entry about a document. */
  String document(String kind, String rest) {
    return "op: '" + kind + "', ns: '" + database.namespace("things") + "', " + rest;
  }

  /** An entry of a transaction that inserts documents. */
  int transaction(int number, int before, String marks, int... ids) {
    StringBuilder inserts = new StringBuilder();
    for (int id : ids) {
      inserts.append("{").append(document("i", "o: {_id: " + id + "}")).append("},");
    }
    return transaction(number, before, "{applyOps: [" + inserts + "]" + marks + "}");
  }

  int transaction(int number, int before, String object) {
    return append(
        "op: 'c', ns: 'admin.$cmd', lsid: {id: 1}, txnNumber: "
            + number
            + ", prevOpTime: {ts: "
            + (before == 0 ? "{$timestamp: {t: 0, i: 0}}" : time(before))
            + ", t: 1}, o: "
            + object);
  }

  /** So many entries that those before are gone. */
  void overwrite() {
    String entry = "op: 'n', ns: '', o: {msg: '" + "x".repeat(BYTES / 16) + "'}";
    for (int i = 0; i < 20; i++) {
      append(entry);
    }
  }
}
