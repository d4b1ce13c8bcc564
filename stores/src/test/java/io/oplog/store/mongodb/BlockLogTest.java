package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static io.oplog.testkit.Operations.submission;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.mongodb.client.model.Filters;
import io.oplog.core.store.LogPage;
import io.oplog.core.store.Retention;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.Frames;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.testkit.Operations;
import io.oplog.testkit.mongodb.TestMongo;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The chain's own rules, with the database looked at from the side. */
class BlockLogTest {
  private static final Retention LITTLE = Retention.FOREVER.withLogBytes(1);

  private final MongoOptions options =
      MongoOptions.of(TestMongo.shared().uri("b" + new ObjectId().toHexString()))
          .withRetention(LITTLE);
  private final LogDatabase side = new LogDatabase(options);
  private final Store store = openStore();

  private Store openStore() {
    try {
      return MongoStore.open(options);
    } catch (StoreException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() throws StoreException {
    store.close();
    side.close();
  }

  private void append(String id) throws StoreException {
    store.append(List.of(submission(insert("video", id))));
  }

  private void trim() throws StoreException {
    await().until(() -> store.bounds().folded() == store.bounds().head());
    store.enforceRetention();
  }

  /**
   * An agent that knew block 1 as the end stood still, and goes on when blocks 2 and later were
   * appended by others and dropped: no key stops its insert, but nobody may take it for appended.
   */
  @Test
  void whatIsInsertedWhereABlockWasDroppedIsNoPartOfTheLog() throws StoreException {
    append("a");
    Place end = new Place(2, 1, store.bounds().headMillis(), 100);
    for (int i = 0; i < 20; i++) {
      append("x" + i);
    }
    trim();
    assertThat(store.bounds().first()).isEqualTo(21);
    Frames late = Operations.frames(insert("late", "1"), insert("late", "2"));
    Block block =
        new Block(3, new ObjectId(), new ObjectId(), end, end.millis(), false, Map.of(), late);

    assertThat(new BlockLog(side).insert(block)).isFalse();

    assertThat(side.log.countDocuments(Filters.eq("_id", 3L))).isEqualTo(1);
    assertThat(new BlockLog(side).after(2, 1 << 20)).extracting(Block::number).containsExactly(22L);
    assertThat(new BlockLog(side).holding(2)).isNull();
    assertThat(store.readLog(2, 1 << 20)).isInstanceOf(LogPage.Trimmed.class);
    append("b");
    trim();
    assertThat(side.log.countDocuments(Filters.eq("_id", 3L))).isZero();
    assertThat(store.bounds().first()).isEqualTo(22);
  }

  @Test
  void aBatchTooLongForOneDocumentIsReadFoldedAndDroppedAsAnyOther() throws StoreException {
    Submission batch = new Submission(longFrames(), null);
    store.append(List.of(batch));
    int count = batch.frames().count();
    assertThat(batch.frames().length()).isGreaterThan(16 << 20);
    assertThat(side.parts.countDocuments()).isEqualTo(3);

    LogPage.Read page = (LogPage.Read) store.readLog(0, Integer.MAX_VALUE);
    assertThat(page.frames().count()).isEqualTo(count);
    try (Store other = MongoStore.open(options)) {
      assertThat(other.bounds().head()).isEqualTo(count);
      assertThat(((LogPage.Read) other.readLog(count - 1, 100)).frames().count()).isEqualTo(1);
    }
    append("after");
    trim();
    assertThat(store.bounds().first()).isEqualTo(count + 1);
    assertThat(side.objects.countDocuments()).isEqualTo(count + 1);
    assertThat(side.parts.countDocuments()).isZero();
  }

  private static Frames longFrames() {
    FrameEncoder encoder = new FrameEncoder();
    for (int i = 0; i < 300; i++) {
      String parent = "p".repeat(60_000) + i;
      encoder.add(new Operation(OperationKind.INSERT, "video", "x" + i, List.of(parent), 0));
    }
    return encoder.take();
  }

  /** Another agent that enforces it has just dropped what this one begins to look at. */
  @Test
  void whatAnotherHasDroppedMeanwhileKeepsNothingInTheLog() throws StoreException {
    for (int i = 0; i < 20; i++) {
      append("x" + i);
    }
    side.log.deleteMany(Filters.lt("_id", 5L));
    trim();
    assertThat(store.bounds().first()).isEqualTo(20);
    assertThat(side.log.find().map(block -> block.get("_id"))).containsExactly(21L);
  }

  /** By an agent that died between the parts and the block. */
  @Test
  void partsThatNoBlockNamesAreDroppedWithTheLog() throws StoreException {
    append("a");
    side.parts.insertOne(new Document("_id", "nobody/0").append(BlockLog.NUMBER, 2L));
    side.parts.insertOne(new Document("_id", "tomorrow/0").append(BlockLog.NUMBER, 1000L));
    append("b");
    append("c");
    trim();
    assertThat(side.parts.find().map(part -> part.get("_id"))).containsExactly("tomorrow/0");
  }

  /** One command for all of them might take longer than its limit, each time. */
  @Test
  void partsAreDroppedSomeAtOnce() {
    for (long number = 1; number <= 5; number++) {
      side.parts.insertOne(new Document("_id", "nobody/" + number).append(BlockLog.NUMBER, number));
    }
    BlockLog log = new BlockLog(side);
    assertThat(log.deleteBefore(5, 2)).isTrue();
    assertThat(side.parts.find().map(part -> part.get(BlockLog.NUMBER)))
        .containsExactlyInAnyOrder(3L, 4L, 5L);
    assertThat(log.deleteBefore(5, 2)).isTrue();
    assertThat(log.deleteBefore(5, 2)).isFalse();
    assertThat(side.parts.countDocuments()).isEqualTo(1);
  }

  @Test
  void aBlockThatIsMissingInTheMiddleIsDamage() throws StoreException {
    append("a");
    append("b");
    side.log.deleteOne(Filters.eq("_id", 2L));
    assertThatExceptionOfType(StoreException.Damaged.class)
        .isThrownBy(() -> new BlockLog(side).after(1, 1000))
        .withMessageContaining("block 2");
  }
}
