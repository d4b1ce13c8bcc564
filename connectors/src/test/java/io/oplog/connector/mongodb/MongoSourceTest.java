package io.oplog.connector.mongodb;

import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.core.relay.Source;
import io.oplog.testkit.relay.SourceContract;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;

final class MongoSourceTest extends SourceContract<DocumentChange> {
  private final TestDatabase database = new TestDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  @Override
  protected Source<DocumentChange> open() {
    return database.source(new NoFields());
  }

  @Override
  protected void produce(String... ids) {
    for (String id : ids) {
      database.collection("things").insertOne(new Document("_id", id));
    }
  }

  @Override
  protected String id(DocumentChange change) {
    return TestDatabase.document(change).id().asString().getValue();
  }
}
