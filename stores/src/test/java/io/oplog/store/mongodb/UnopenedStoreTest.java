package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.oplog.core.store.StoreException;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.util.List;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is told of a log that cannot be opened, though its database could be. */
class UnopenedStoreTest {
  private static final long OTHER_CHECKSUM = -1;

  private final String database = "u" + new ObjectId().toHexString();
  private final MongoOptions options = MongoOptions.of(TestMongo.shared().uri(database));
  private final LogDatabase side = new LogDatabase(options);

  /** Two operations that the states have not followed, so that an opening reads them. */
  @BeforeEach
  void fill() throws StoreException {
    try (MongoStore store = MongoStore.open(options, System::currentTimeMillis, 0)) {
      store.append(List.of(submission(insert("video", "a"))));
      store.append(List.of(submission(insert("video", "b"))));
    }
  }

  @AfterEach
  void close() {
    side.close();
  }

  @Test
  void aBlockThatIsMissingIsDamage() {
    side.log.deleteOne(Filters.eq("_id", 2L));
    assertThatExceptionOfType(StoreException.Damaged.class)
        .isThrownBy(() -> MongoStore.open(options))
        .withMessageContaining("block 2");
  }

  @Test
  void aBlockThatIsNotWhatWasWrittenIsDamage() {
    side.log.updateOne(Filters.eq("_id", 2L), Updates.set("crc", OTHER_CHECKSUM));
    assertThatExceptionOfType(StoreException.Damaged.class)
        .isThrownBy(() -> MongoStore.open(options))
        .withMessageContaining("block 2");
  }

  @Test
  void aDatabaseThatGoesAwayWhileTheLogIsReadIsUnavailable() throws IOException {
    try (TcpProxy way = TcpProxy.to(TestMongo.shared().node())) {
      way.setAt("openings", Fault.REFUSED);
      assertThatExceptionOfType(StoreException.Unavailable.class)
          .isThrownBy(() -> MongoStore.open(MongoOptions.of(TestMongo.shared().uri(way, database))))
          .withMessageContaining("cannot open the log");
    }
  }
}
