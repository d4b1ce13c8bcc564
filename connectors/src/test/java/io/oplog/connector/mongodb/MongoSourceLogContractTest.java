package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentNeeds.NoFields;
import io.oplog.core.relay.Source;
import io.oplog.testkit.mongodb.TestMongo;
import io.oplog.testkit.relay.SourceContract;
import java.util.List;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The server's own oplog, of which the stand-in writes inserts as mongod does. */
final class MongoSourceLogContractTest extends SourceContract<DocumentChange> {
  private final TestDatabase database = new TestDatabase();

  @AfterEach
  void close() {
    database.close();
  }

  private MongoSourceOptions options(Reading reading) {
    return MongoSourceOptions.of(
            TestMongo.shared().uri(""), database.needs(new NoFields()), database.name)
        .withReading(reading);
  }

  @Override
  protected Source<DocumentChange> open() {
    return database.source(options(new Reading.Log()));
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

  @Test
  void whatWasReadOneWayGoesOnTheOtherWithTheSameTimes() throws Exception {
    MongoSource changes = database.source(options(new Reading.Changes()));
    MongoSource log = database.source(options(new Reading.Log()));
    assertThat(log.name()).isEqualTo(changes.name());
    String begin = TestDatabase.now(log);
    TestDatabase.goOn(log, begin);
    TestDatabase.goOn(changes, begin);
    produce("1", "2", "3", "4");
    List<DocumentChange> told = TestDatabase.read(changes, 4);
    assertThat(TestDatabase.read(log, 4))
        .extracting(DocumentChange::time)
        .isEqualTo(told.stream().map(DocumentChange::time).toList());
    TestDatabase.goOn(changes, begin);
    String first = TestDatabase.batches(changes, 1, 1).getLast().to();
    TestDatabase.goOn(log, first);
    String second = TestDatabase.batches(log, 1, 1).getLast().to();
    TestDatabase.goOn(changes, second);
    assertThat(TestDatabase.read(changes, 2)).extracting(this::id).containsExactly("3", "4");
  }
}
