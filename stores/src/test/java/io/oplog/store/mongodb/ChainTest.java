package io.oplog.store.mongodb;

import static io.oplog.testkit.Operations.insert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.oplog.core.store.StoreException;
import io.oplog.protocol.Frames;
import io.oplog.testkit.Operations;
import io.oplog.testkit.TcpProxy;
import io.oplog.testkit.TcpProxy.Fault;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the chain takes of the feed and what it reads; its reads can be held up. */
class ChainTest {
  private static final Frames ONE = Operations.frames(insert("video", "a"));

  private final String database = "c" + new ObjectId().toHexString();
  private final TcpProxy way = TcpProxy.to(TestMongo.shared().node());
  private final LogDatabase own =
      new LogDatabase(MongoOptions.of(TestMongo.shared().uri(way, database)));
  private final LogDatabase side =
      new LogDatabase(MongoOptions.of(TestMongo.shared().uri(database)));
  private final List<Block> told = new CopyOnWriteArrayList<>();
  private final Chain chain = new Chain(new BlockLog(own), told::add);

  ChainTest() throws IOException {}

  @AfterEach
  void close() throws IOException {
    way.set(Fault.NONE);
    chain.close();
    own.close();
    side.close();
    way.close();
  }

  private static Block block(long number) {
    Place before = new Place(number - 1, number - 1, 0, (number - 1) * ONE.length());
    return new Block(number, new ObjectId(), new ObjectId(), before, 0, false, Map.of(), ONE);
  }

  /** Another agent appends a block. */
  private Block append(long number) {
    Block block = block(number);
    assertThat(new BlockLog(side).insert(block)).isTrue();
    return block;
  }

  private long end() {
    return chain.end().number();
  }

  /** The next read is held up on its way. */
  private void holdNextRead() {
    way.setAt("oplog_log", Fault.STALLED);
  }

  private void awaitHeld() {
    await().until(() -> way.fault() == Fault.STALLED);
  }

  private void startFed() {
    chain.fed();
    chain.start(Place.START);
    await().until(chain::isTrusted);
  }

  private void assertTold(Block... blocks) {
    assertThat(told).extracting(Block::nonce).isEqualTo(nonces(blocks));
  }

  private static List<ObjectId> nonces(Block... blocks) {
    return List.of(blocks).stream().map(Block::nonce).toList();
  }

  @Test
  void ofAFeedThatWasOpenedDuringAReadNothingIsTakenBeforeTheNextOne() {
    holdNextRead();
    chain.start(Place.START);
    awaitHeld();
    chain.fed();
    holdNextRead();
    way.set(Fault.NONE);
    awaitHeld(); // the read that began before is over
    chain.heard(block(1));
    assertThat(end()).isZero();
    way.set(Fault.NONE);
    await().until(chain::isTrusted);
    Block next = block(1);
    chain.heard(next);
    assertTold(next);
  }

  @Test
  void aFeedThatWasCutAndOpenedAgainBeginsWithARead() {
    startFed();
    holdNextRead();
    chain.unfed();
    awaitHeld();
    chain.heard(block(1));
    chain.fed();
    chain.heard(block(1));
    assertThat(end()).isZero();
    way.set(Fault.NONE);
    await().until(chain::isTrusted);
    Block next = block(1);
    chain.heard(next);
    assertTold(next);
  }

  @Test
  void whatIsHeardBeforeTheEndIsReachedIsRead() {
    holdNextRead();
    chain.fed();
    chain.start(Place.START);
    awaitHeld();
    Block first = append(1);
    Block second = append(2);
    chain.heard(first);
    chain.heard(second);
    assertThat(end()).isZero();
    way.set(Fault.NONE);
    await().until(() -> end() == 2);
    assertTold(first, second);
  }

  @Test
  void whatIsHeardOutOfOrderOrTwiceIsToldOnceAndInOrder() {
    startFed();
    Block first = append(1);
    Block second = append(2);
    chain.heard(second);
    chain.heard(first);
    chain.heard(second);
    await().until(() -> end() == 2);
    chain.heard(first);
    await().until(chain::isTrusted);
    Block third = append(3);
    chain.heard(third);
    chain.heard(third);
    chain.add(third);
    assertTold(first, second, third);
  }

  /**
   * The read after the feed was opened was older than the feed's start, so that block 3 is in
   * neither. It was dropped meanwhile, and an agent that stood still inserts another in its place.
   */
  @Test
  void aStrayAtANumberThatTheFeedLeftOutIsNotTaken() {
    startFed();
    Block first = block(1);
    Block second = block(2);
    chain.heard(first);
    chain.heard(second);
    holdNextRead();
    Block fourth = append(4);
    new LogStart(4, 4, fourth.before().bytes()).write(side);
    chain.heard(fourth);
    awaitHeld();
    Block stray = block(3);
    assertThat(new BlockLog(side).insert(stray)).isFalse();
    chain.heard(stray);
    assertThat(end()).isEqualTo(2);
    way.set(Fault.NONE);
    await().until(() -> end() == 4);
    assertTold(first, second, fourth);
  }

  /** Its block is damaged, or lies in parts. */
  @Test
  void afterABlockThatCouldNotBeTakenFromItTheFeedIsNotTrusted() {
    startFed();
    holdNextRead();
    chain.missed();
    awaitHeld();
    assertThat(chain.isTrusted()).isFalse();
    chain.heard(block(1));
    assertThat(end()).isZero();
    Block first = append(1);
    way.set(Fault.NONE);
    await().until(() -> end() == 1 && chain.isTrusted());
    assertTold(first);
  }

  /** It was made for the same place when what came before was something else. */
  @Test
  void aBlockThatWasMadeForAnotherEndIsNotTaken() {
    startFed();
    Place other = new Place(0, 5, 0, 500);
    chain.heard(new Block(1, new ObjectId(), new ObjectId(), other, 0, false, Map.of(), ONE));
    assertThat(end()).isZero();
    Block first = append(1);
    await().until(() -> end() == 1);
    assertTold(first);
  }

  @Test
  void whoWaitsForABlockHasItByTheFeed() throws Exception {
    startFed();
    holdNextRead();
    chain.ring();
    awaitHeld();
    try (ExecutorService waiting = Executors.newSingleThreadExecutor()) {
      Future<?> beyond = waiting.submit(() -> requireBeyond(0));
      chain.heard(block(1));
      beyond.get();
    }
    assertThat(way.fault()).isEqualTo(Fault.STALLED);
    assertThat(end()).isEqualTo(1);
  }

  private Place requireBeyond(long number) throws StoreException {
    chain.requireBeyond(number, System.nanoTime() + TimeUnit.SECONDS.toNanos(10));
    return chain.end();
  }

  @Test
  void whoWaitsForABlockThatTheFeedDoesNotBringHasItRead() throws StoreException {
    startFed();
    Block first = append(1);
    assertThat(requireBeyond(0).number()).isEqualTo(1);
    chain.unfed();
    Block second = append(2);
    assertThat(requireBeyond(1).number()).isEqualTo(2);
    assertTold(first, second);
  }

  @Test
  void whoWaitsForABlockThatDoesNotComeIsToldInTime() {
    startFed();
    assertThatExceptionOfType(StoreException.Unavailable.class)
        .isThrownBy(() -> chain.requireBeyond(0, System.nanoTime()));
  }
}
