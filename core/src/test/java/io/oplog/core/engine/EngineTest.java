package io.oplog.core.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.oplog.core.engine.Outlet.CloseReason;
import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.Cursor;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.FrameEncoder;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.RefTemplate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The whole way from an offered submission to a consumer's connection, on the in-memory store. */
class EngineTest {
  private static final int ALL = Integer.MAX_VALUE;
  private static final StreamTimes TIMES =
      StreamTimes.defaults().withProgress(Duration.ofMillis(160));

  private final SteppedClock clock = new SteppedClock();
  private final MemoryStore store = new MemoryStore(clock, Retention.FOREVER);
  private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
  private Engine engine = Engine.start(store, options());
  private SubscriptionGroup group = engine.newGroup(loop);

  private static EngineOptions options() {
    return EngineOptions.defaults().withStreams(TIMES);
  }

  private void restart(EngineOptions options) {
    engine.close();
    engine = Engine.start(store, options);
    group = engine.newGroup(loop);
  }

  @AfterEach
  void stop() {
    engine.close();
    loop.shutdownNow();
  }

  @Test
  void aLiveConsumerGetsWhatComesAfterItSubscribed() {
    publish("before");
    TestConsumer consumer = subscribe(Filter.ALL, "");
    publish("a");
    publish("b", "c");
    consumer.await(3);
    assertThat(consumer.brief()).containsExactly("insert a", "insert b", "insert c");
    assertThat(consumer.events()).extracting(Event::sequence).containsExactly(2L, 3L, 4L);
  }

  @Test
  void anIdStillInTheLogGetsEveryOperationAfterItAndNoLive() {
    EventId first = publish("a");
    publish("b");
    publish("a");
    TestConsumer consumer = subscribe(Filter.ALL, first.toString());
    consumer.await(2);
    publish("c");
    consumer.await(3);
    assertThat(consumer.brief()).containsExactly("insert b", "insert a", "insert c");
  }

  @Test
  void zeroGetsResetStatesLiveAndThenOperations() {
    publish("a");
    publish("b");
    publish("a");
    TestConsumer consumer = subscribe(Filter.ALL, "0");
    consumer.await(4);
    publish("c");
    consumer.await(5);
    assertThat(consumer.brief())
        .containsExactly("reset", "insert b", "insert a", "live", "insert c");
    assertThat(consumer.events().getFirst().data()).isEqualTo("{\"reason\":\"requested\"}");
    assertThat(consumer.events().get(3).sequence()).isEqualTo(3);
  }

  @Test
  void anEmptyStoreReplicatesAsResetAndLive() {
    TestConsumer consumer = subscribe(Filter.ALL, "0");
    consumer.await(2);
    publish("a");
    consumer.await(3);
    assertThat(consumer.brief()).containsExactly("reset", "live", "insert a");
    assertThat(consumer.events().get(1).sequence()).isZero();
  }

  @Test
  void anIdOfAnotherIncarnationIsReset() {
    EventId id = publish("a");
    EventId other = new EventId(id.seconds(), id.incarnation() ^ 1, id.sequence());
    TestConsumer consumer = subscribe(Filter.ALL, other.toString());
    consumer.await(3);
    assertThat(consumer.brief()).containsExactly("reset", "insert a", "live");
    assertThat(consumer.events().getFirst().data()).isEqualTo("{\"reason\":\"incarnation\"}");
  }

  @Test
  void anIdAheadOfTheHeadIsOfALostHistory() {
    EventId id = publish("a");
    EventId ahead = new EventId(id.seconds(), id.incarnation(), 99);
    TestConsumer consumer = subscribe(Filter.ALL, ahead.toString());
    consumer.await(3);
    assertThat(consumer.events().getFirst().data()).isEqualTo("{\"reason\":\"lost-history\"}");
  }

  @Test
  void earlierSecondsThanTheOperationsOwnAreOfALostHistory() {
    EventId id = publish("a");
    EventId early = new EventId(id.seconds() - 1, id.incarnation(), id.sequence());
    TestConsumer consumer = subscribe(Filter.ALL, early.toString());
    consumer.await(3);
    assertThat(consumer.events().getFirst().data()).isEqualTo("{\"reason\":\"lost-history\"}");
  }

  @Test
  void laterSecondsThanTheHeadsAreOfALostHistory() {
    EventId id = publish("a");
    EventId ahead = new EventId(id.seconds() + 5, id.incarnation(), id.sequence());
    TestConsumer consumer = subscribe(Filter.ALL, ahead.toString());
    consumer.await(3);
    assertThat(consumer.events().getFirst().data()).isEqualTo("{\"reason\":\"lost-history\"}");
  }

  @Test
  void laterSecondsThanTheOperationsOwnGoOnAsTheReplicationWouldHave() {
    EventId id = publish("a");
    clock.pass(Duration.ofSeconds(5));
    publish("b");
    EventId cut = new EventId(id.seconds() + 5, id.incarnation(), id.sequence());
    TestConsumer consumer = subscribe(Filter.ALL, cut.toString());
    consumer.await(2);
    assertThat(consumer.brief()).containsExactly("insert b", "live");
    assertThat(consumer.events()).extracting(e -> e.id().seconds()).containsOnly(cut.seconds());
  }

  @Test
  void aTimeInTheFutureGetsLiveAtOnce() {
    publish("a");
    TestConsumer consumer = subscribe(Filter.ALL, "9999999999999");
    consumer.await(1);
    publish("b");
    consumer.await(2);
    assertThat(consumer.brief()).containsExactly("live", "insert b");
  }

  @Test
  void aTimeInThePastGetsTheStatesSinceThen() {
    publish("a");
    TestConsumer consumer = subscribe(Filter.ALL, "1");
    consumer.await(2);
    assertThat(consumer.brief()).containsExactly("insert a", "live");
  }

  @Test
  void filtersFindTheirOperationsByTypeAndByParent() {
    TestConsumer videos = subscribe(new Filter(Set.of("video"), Set.of()), "");
    TestConsumer ofUser = subscribe(new Filter(Set.of(), Set.of("user/1", "user/2")), "");
    TestConsumer both = subscribe(new Filter(Set.of("video"), Set.of("user/1")), "");
    publish(
        operation("video", "v1", "user/1", "user/2"),
        operation("video", "v2"),
        operation("song", "s1", "user/1"),
        operation("song", "s2"));
    publish(operation("video", "v3", "user/2"));
    videos.await(3);
    ofUser.await(3);
    both.await(1);
    assertThat(videos.brief()).containsExactly("insert v1", "insert v2", "insert v3");
    assertThat(ofUser.brief()).containsExactly("insert v1", "insert s1", "insert v3");
    assertThat(both.brief()).containsExactly("insert v1");
  }

  @Test
  void aConsumerThatStopsReadingLosesNothingAndHoldsUpNobody() {
    TestConsumer stuck = subscribe(Filter.ALL, "", 250);
    TestConsumer other = subscribe(Filter.ALL, "");
    for (int i = 0; i < 500; i++) {
      publish("x" + i);
    }
    other.await(500);
    assertThat(stuck.events()).hasSizeLessThan(3);
    for (int i = 0; stuck.events().size() < 400; i++) {
      stuck.grant(97 + i % 1000);
    }
    publish("last");
    stuck.grant(ALL);
    stuck.await(501);
    assertConsecutive(stuck.events(), 501);
    assertConsecutive(other.await(501), 501);
    assertThat(engine.stats().fallenBehind()).isPositive();
  }

  /** More places than {@link Selection} has room for at first, all in one round. */
  @Test
  void aRoundWithThousandsOfSeparateMatchesComesToEverybodyOnceAndWhole() {
    TestConsumer all = subscribe(Filter.ALL, "");
    TestConsumer even = subscribe(new Filter(Set.of("even"), Set.of()), "");
    TestConsumer odd = subscribe(new Filter(Set.of("odd"), Set.of()), "");
    int count = 1800;
    publish(
        IntStream.range(0, count)
            .mapToObj(i -> operation(i % 2 == 0 ? "even" : "odd", "x" + i))
            .toArray(Operation[]::new));
    publish(operation("even", "last"), operation("odd", "last"));
    even.await(count / 2 + 1);
    odd.await(count / 2 + 1);
    assertConsecutive(all.await(count + 2), count + 2);
    assertThat(even.events())
        .extracting(Event::object)
        .startsWith("x0", "x2", "x4")
        .doesNotHaveDuplicates()
        .hasSize(count / 2 + 1);
    assertThat(odd.events())
        .extracting(Event::object)
        .startsWith("x1", "x3", "x5")
        .doesNotHaveDuplicates()
        .hasSize(count / 2 + 1);
  }

  @Test
  void aFilteredConsumerThatStopsReadingLosesNothing() {
    TestConsumer stuck = subscribe(new Filter(Set.of("even"), Set.of()), "", 100);
    for (int i = 0; i < 300; i++) {
      publish(operation(i % 2 == 0 ? "even" : "odd", "x" + i), operation("odd", "y" + i));
    }
    for (int i = 0; i < 100; i++) {
      stuck.grant(150 + i);
    }
    stuck.grant(ALL);
    stuck.await(150);
    assertThat(stuck.events())
        .extracting(Event::object)
        .containsExactlyElementsOf(IntStream.range(0, 150).mapToObj(i -> "x" + i * 2).toList());
  }

  @Test
  void aConsumerWhosePlaceLeftTheTailGoesOnFromTheStore() {
    restart(options().withTailBytes(2_000));
    TestConsumer stuck = subscribe(Filter.ALL, "", 10);
    for (int i = 0; i < 3_000; i++) {
      publish("x" + i);
    }
    stuck.grant(ALL);
    stuck.await(3_000);
    assertConsecutive(stuck.events(), 3_000);
  }

  @Test
  void manyConsumersThatComeWhileOperationsPassMissNone() {
    List<TestConsumer> consumers = new ArrayList<>();
    EventId first = publish("x0");
    for (int i = 1; i < 400; i++) {
      publish("x" + i);
      if (i % 10 == 0) {
        consumers.add(subscribe(Filter.ALL, first.toString()));
      }
    }
    for (TestConsumer consumer : consumers) {
      consumer.await(399);
      assertThat(consumer.events())
          .extracting(Event::sequence)
          .containsExactlyElementsOf(LongStream.rangeClosed(2, 400).boxed().toList());
    }
  }

  @Test
  void progressFollowsTheHeadAtOnceAndMovesANarrowFilter() {
    EventId head = publish("a");
    TestConsumer narrow =
        subscribe(new SubscriptionRequest(new Filter(Set.of("none"), Set.of()), now(), true), ALL);
    assertThat(narrow.await(1).getFirst()).isEqualTo(new Event(head, "progress", "{}"));
    EventId later = publish("b");
    assertThat(narrow.await(2).getLast()).isEqualTo(new Event(later, "progress", "{}"));
  }

  @Test
  void aStreamWithAPositionThatAsksForProgressEndsItsCatchUpWithLive() {
    EventId first = publish("a");
    EventId second = publish("b");
    TestConsumer consumer =
        subscribe(new SubscriptionRequest(Filter.ALL, new Cursor.After(first), true), ALL);
    consumer.await(3);
    assertThat(consumer.events())
        .extracting(Event::name)
        .containsExactly("progress", "insert", "live");
    assertThat(consumer.events()).extracting(Event::id).containsExactly(first, second, second);
  }

  /** Else a consumer that comes back with it would be taken for one of a lost history. */
  @Test
  void progressAmongStatesIsNoEarlierThanTheStateThatWasSent() {
    publish("a");
    engine.close();
    engine = Engine.start(new PausedStates(store, this::publishLater).store(), options());
    group = engine.newGroup(loop);
    TestConsumer consumer =
        subscribe(new SubscriptionRequest(Filter.ALL, new Cursor.Beginning(), true), ALL);
    List<Event> events = consumer.await(3);
    assertThat(events).extracting(Event::name).containsExactly("reset", "insert", "progress");
    assertThat(events.get(2).id()).isEqualTo(events.get(1).id());
  }

  private void publishLater() {
    clock.pass(Duration.ofSeconds(5));
    publish("a", "b");
  }

  /** Past the log's retention, where a stream goes on through states, however it was cut. */
  @Test
  void whoAsksForTombstonesGetsThemFromTheBeginningAndAfterACut() {
    EventId object = publish("a");
    publish(new Operation(OperationKind.DELETE, "thing", "b", List.of(), 1_400_000_000_000L));
    clock.pass(Duration.ofHours(1));
    EventId head = publish("c");
    await().until(() -> store.bounds().folded() == head.sequence());
    assertThat(statesFrom(Cursor.parse("0"))).containsExactly("insert a", "delete b", "insert c");
    EventId cut = new EventId(head.seconds(), object.incarnation(), object.sequence());
    assertThat(statesFrom(new Cursor.After(cut))).containsExactly("delete b", "insert c");
  }

  private List<String> statesFrom(Cursor cursor) {
    TestConsumer consumer =
        subscribe(new SubscriptionRequest(Filter.ALL, cursor, false, true), ALL);
    await().until(() -> consumer.text().contains("event: live"));
    return consumer.events().stream()
        .filter(event -> !event.object().isEmpty())
        .map(Event::brief)
        .toList();
  }

  @Test
  void silenceIsBrokenByHeartbeatsWithoutABlankLine() {
    restart(options().withStreams(StreamTimes.defaults().withHeartbeat(Duration.ofMillis(160))));
    TestConsumer consumer = subscribe(Filter.ALL, "");
    await().until(() -> consumer.text().length() >= 4);
    assertThat(consumer.text()).startsWith(":\n:\n").doesNotContain("\n\n");
  }

  @Test
  void aConnectionIsClosedAtItsGreatestAge() {
    restart(options().withStreams(TIMES.withMaxAge(Duration.ofMillis(300))));
    TestConsumer consumer = subscribe(Filter.ALL, "");
    await().until(() -> consumer.closed() == CloseReason.MAX_AGE);
    assertThat(group.size()).isZero();
  }

  @Test
  void aConsumerThatTakesNothingIsClosedAsSlow() {
    restart(options().withStreams(TIMES.withWriteTimeout(Duration.ofMillis(300))));
    TestConsumer consumer = subscribe(Filter.ALL, "", 10);
    publish("a");
    await().until(() -> consumer.closed() == CloseReason.SLOW);
    assertThat(engine.stats().closedAsSlow()).isOne();
  }

  @Test
  void theObjectUrlIsInLiveEventsAndInReplays() {
    restart(options().withObjectUrl(RefTemplate.parse("http://api/{{type}}/{{id}}")));
    TestConsumer live = subscribe(Filter.ALL, "");
    EventId first = publish("a");
    publish("b");
    TestConsumer replay = subscribe(Filter.ALL, first.toString());
    TestConsumer states = subscribe(Filter.ALL, "0");
    live.await(2);
    replay.await(1);
    states.await(4);
    assertThat(live.events().get(1).data()).endsWith("\"ref\":\"http://api/thing/b\"}");
    assertThat(replay.events().getFirst().data()).endsWith("\"ref\":\"http://api/thing/b\"}");
    assertThat(states.events().get(1).data()).endsWith("\"ref\":\"http://api/thing/a\"}");
  }

  @Test
  void aCancelledConsumerCostsNothingMore() {
    TestConsumer consumer = subscribe(Filter.ALL, "");
    TestConsumer filtered = subscribe(new Filter(Set.of("thing"), Set.of("p")), "");
    consumer.cancel();
    filtered.cancel();
    filtered.cancel();
    TestConsumer witness = subscribe(Filter.ALL, "");
    publish("a");
    witness.await(1);
    assertThat(group.size()).isOne();
    assertThat(consumer.text()).isEmpty();
    assertThat(filtered.text()).isEmpty();
  }

  @Test
  void whatCameWhileNobodyWasThereIsNotMissedWhereTheGroupHadStopped() {
    TestConsumer first = subscribe(Filter.ALL, "");
    EventId place = publish("a");
    first.await(1);
    first.cancel();
    publish("b");
    TestConsumer second = subscribe(Filter.ALL, place.toString());
    second.await(1);
    assertThat(second.text()).contains("\"id\":\"b\"");
  }

  @Test
  void whatFilteredConsumersGetIsCounted() {
    TestConsumer all = subscribe(Filter.ALL, "");
    TestConsumer filtered = subscribe(new Filter(Set.of("thing"), Set.of()), "");
    TestConsumer others = subscribe(new Filter(Set.of("nothing"), Set.of()), "");
    publish("a");
    publish("b", "c");
    all.await(3);
    filtered.await(3);
    await().untilAsserted(() -> assertThat(engine.stats().sent()).isEqualTo(6));
    assertThat(others.text()).isEmpty();
  }

  private TestConsumer subscribe(Filter filter, String lastEventId) {
    return subscribe(filter, lastEventId, ALL);
  }

  private TestConsumer subscribe(Filter filter, String lastEventId, int room) {
    return subscribe(new SubscriptionRequest(filter, Cursor.parse(lastEventId), false), room);
  }

  private TestConsumer subscribe(SubscriptionRequest request, int room) {
    return TestConsumer.subscribe(loop, group, request, room);
  }

  private static Cursor now() {
    return new Cursor.Now();
  }

  private EventId publish(String... ids) {
    Operation[] operations = new Operation[ids.length];
    for (int i = 0; i < ids.length; i++) {
      operations[i] = operation("thing", ids[i]);
    }
    return publish(operations);
  }

  private static Operation operation(String type, String id, String... parents) {
    return new Operation(OperationKind.INSERT, type, id, List.of(parents), 1_400_000_000_000L);
  }

  private EventId publish(Operation... operations) {
    FrameEncoder encoder = new FrameEncoder();
    for (Operation operation : operations) {
      encoder.add(operation);
    }
    CompletableFuture<Outcome> done = new CompletableFuture<>();
    Ingester.Offer offer =
        engine.ingester().offer(new Submission(encoder.take(), null), new Completion(done));
    assertThat(offer).isEqualTo(Ingester.Offer.ACCEPTED);
    EventId last = ((Outcome.Stored) done.join()).last();
    if (last == null) {
      throw new AssertionError("nothing was stored");
    }
    return last;
  }

  private record Completion(CompletableFuture<Outcome> done) implements IngestCompletion {
    @Override
    public void completed(Outcome outcome) {
      done.complete(outcome);
    }

    @Override
    public void failed(StoreException cause) {
      done.completeExceptionally(cause);
    }
  }

  private static void assertConsecutive(List<Event> events, int count) {
    assertThat(events)
        .extracting(Event::sequence)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, count).boxed().toList());
  }
}
