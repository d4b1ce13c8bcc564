package io.oplog.connector.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.Namespace;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Sink;
import io.oplog.testkit.redis.RedisProcess;
import io.oplog.testkit.relay.ListedScan;
import io.oplog.testkit.relay.SharedSinkContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisSinkTest extends SharedSinkContract<DocumentChange> {
  private static RedisProcess redis;
  private Subscriber subscriber;

  @BeforeAll
  static void start() {
    redis = RedisProcess.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void listen() {
    subscriber = new Subscriber(redis.uri());
    subscriber.connection().sync().flushall();
  }

  @AfterEach
  void leave() {
    subscriber.close();
  }

  @Override
  protected Sink<DocumentChange> open() {
    return new RedisSink(RedisOptions.of(redis.uri()));
  }

  @Override
  protected DocumentChange change(String id) {
    return Changes.insert(id, id.charAt(0));
  }

  @Override
  protected String at(String name) {
    return Changes.after('a' - 1 + Long.parseLong(name.substring(1)));
  }

  @Override
  protected List<String> stored() throws Exception {
    return subscriber.heard("app.users").stream()
        .map(body -> body.replaceAll(".*\"_id\":\"(.*?)\".*", "$1"))
        .toList();
  }

  @Test
  void aMessageArrivesOnTheChannelsOfTheCollectionAndOfTheDocument() throws Exception {
    put(sink(), "", batch("p1", "a"));
    String body = "{\"e\":\"i\",\"d\":{\"_id\":\"a\"},\"f\":[\"_id\"]}";
    assertThat(subscriber.heard())
        .containsExactly(
            new Subscriber.Heard("app.users", body), new Subscriber.Heard("app.users::a", body));
  }

  @Test
  void whatIsGoneIsNotPublishedButMovesThePosition() throws Exception {
    Sink<DocumentChange> sink = sink();
    DocumentChange gone = new DocumentChange.Gone(new Namespace("app", ""), Changes.time('a'), 0);
    sink.put(SOURCE, Optional.empty(), new Batch<>(List.of(gone), at("p1")));
    assertThat(sink.position(SOURCE)).contains(at("p1"));
    assertThat(subscriber.heard()).isEmpty();
  }

  @Test
  void whatIsTooDeepForJsonIsLeftOutAndTold() throws Exception {
    BsonValue deep = new BsonArray();
    for (int i = 0; i < 600; i++) {
      deep = new BsonArray(List.of(deep));
    }
    List<DocumentChange> changes =
        List.of(
            Changes.insert("a", 1),
            Changes.change(DocumentChange.Kind.DELETE, deep, List.of(), null, 2),
            Changes.insert("c", 3));
    Sink.Receipt receipt = sink().put(SOURCE, Optional.empty(), new Batch<>(changes, at("p1")));
    assertThat(((Sink.Stored) receipt).refused())
        .singleElement()
        .satisfies(refusal -> assertThat(refusal.object()).startsWith("app.users/"))
        .satisfies(refusal -> assertThat(refusal.reason()).contains("depth"));
    assertThat(stored()).containsExactly("a", "c");
  }

  @Test
  void relaysOfOtherNamesPublishForThemselves() throws Exception {
    put(sink(), "", batch("p1", "a"));
    RedisOptions options = RedisOptions.of(redis.uri());
    try (RedisSink other = new RedisSink(options.withCopies("other"));
        RedisSink elsewhere = new RedisSink(options.withPrefix("x."))) {
      assertThat(other.position(SOURCE)).isEmpty();
      put(other, "", batch("p1", "a"));
      put(elsewhere, "", batch("p1", "a"));
    }
    assertThat(subscriber.heard("app.users")).hasSize(2);
    assertThat(subscriber.heard("x.app.users")).hasSize(1);
  }

  /** As after a crash of Redis, or on a replica that was behind. */
  @Test
  void aRedisThatIsBackInAnEarlierStateDoesNotMakeACopySkipWhatItWasAboutToPublish()
      throws Exception {
    Sink<DocumentChange> sink = sink();
    put(sink, "", batch("p1", "a"));
    Map<String, String> earlier = subscriber.connection().sync().hgetall("oplog:relay:" + SOURCE);
    put(sink, "p1", batch("p2", "b"));
    subscriber.connection().sync().hset("oplog:relay:" + SOURCE, earlier);
    age(300);
    assertThat(sink.position(SOURCE)).contains(at("p2"));
    put(sink, "p2", batch("p3", "c"));
    assertThat(stored()).containsExactly("a", "b", "c");
    assertThat(((RedisSink) sink).skips()).isZero();
  }

  @Test
  void aPositionOlderThanTheCatchUpLimitIsSkippedAndThatIsTold() throws Exception {
    put(
        sink(),
        "",
        batch("p1", "a")); // by another copy: a copy that has put it itself knows better
    try (RedisSink sink = new RedisSink(RedisOptions.of(redis.uri()))) {
      age(119);
      assertThat(sink.position(SOURCE)).contains(at("p1"));
      age(125);
      assertThat(sink.position(SOURCE)).isEmpty();
      assertThat(sink.position(SOURCE)).isEmpty();
      assertThat(sink.skips()).isZero();
      long before = System.currentTimeMillis();
      assertThat(skip(sink, "p9", "another reason")).isInstanceOf(Sink.Stored.class);
      assertThat(sink.position(SOURCE)).contains(at("p9"));
      assertThat(sink.skips()).isOne();
      put(sink, "p9", batch("p10", "j"));
      assertThat(stored()).containsExactly("a", "j");
      assertThat(subscriber.heard("oplog:lost"))
          .singleElement()
          .asString()
          .contains("\"source\":\"" + SOURCE + "\"", "more than the catch-up limit of 120 s")
          .satisfies(
              notice -> assertThat(since(notice)).isBetween(before - 140_000, before - 120_000));
    }
  }

  private void age(int seconds) {
    var redis = subscriber.connection().sync();
    long now = Long.parseLong(redis.time().getFirst());
    redis.hset("oplog:relay:" + SOURCE, "at", Long.toString(now - seconds));
  }

  private Sink.Receipt skip(RedisSink sink, String to, String reason) throws Exception {
    return sink.reconcile(SOURCE, Optional.empty(), new ListedScan<>(List.of(), at(to)), reason);
  }

  private static long since(String notice) {
    return Long.parseLong(notice.replaceAll(".*\"since\":(\\d+).*", "$1"));
  }

  @Test
  void withoutALimitAnyPositionIsGoneOnFrom() throws Exception {
    put(sink(), "", batch("p1", "a"));
    age(1_000_000);
    RedisOptions options = RedisOptions.of(redis.uri()).withCatchUp(Duration.ZERO);
    try (RedisSink sink = new RedisSink(options)) {
      assertThat(sink.position(SOURCE)).contains(at("p1"));
    }
  }

  @Test
  void anOldPositionThatAnotherCopyHasMovedMeanwhileIsNotSkipped() throws Exception {
    Sink<DocumentChange> other = sink();
    put(other, "", batch("p1", "a"));
    age(1000);
    try (RedisSink sink = new RedisSink(RedisOptions.of(redis.uri()))) {
      assertThat(sink.position(SOURCE)).isEmpty();
      put(other, "p1", batch("p2", "b"));
      assertThat(skip(sink, "p9", "a reason")).isEqualTo(new Sink.Elsewhere());
      assertThat(sink.position(SOURCE)).contains(at("p2"));
      assertThat(sink.skips()).isZero();
    }
    assertThat(subscriber.heard("oplog:lost")).isEmpty();
  }

  @Test
  void whatTheSourceHasLostIsToldInItsWordsAndTheFirstStartIsNoSkip() throws Exception {
    try (RedisSink sink = new RedisSink(RedisOptions.of(redis.uri()))) {
      assertThat(sink.position(SOURCE)).isEmpty();
      skip(sink, "p1", "it begins");
      assertThat(sink.skips()).isZero();
      assertThat(sink.position(SOURCE)).contains(at("p1"));
      sink.reconcile(
          SOURCE,
          Optional.of(at("p1")),
          new ListedScan<>(List.of(), at("p5")),
          "the oplog is \"short\"");
      assertThat(sink.skips()).isOne();
    }
    assertThat(subscriber.heard("oplog:lost").getFirst())
        .isEqualTo("{\"source\":\"source-1\",\"reason\":\"it begins\",\"since\":null}");
    assertThat(subscriber.heard("oplog:lost").getLast()).contains("the oplog is \\\"short\\\"");
  }

  @Test
  void aPositionThatStaysStillIsKeptFromGrowingOld() throws Exception {
    Sink<DocumentChange> sink = sink();
    put(sink, "", batch("p1", "a"));
    age(1000);
    put(sink, "p1", batch("p1"));
    try (RedisSink other = new RedisSink(RedisOptions.of(redis.uri()))) {
      assertThat(other.position(SOURCE)).contains(at("p1"));
    }
  }

  private static DocumentChange of(String collection, String id, long number) {
    return new DocumentChange.Document(
        DocumentChange.Kind.DELETE,
        new Namespace("app", collection),
        new BsonString(id),
        List.of(),
        null,
        null,
        Changes.time(number),
        0);
  }

  private Map<String, String> standing() {
    return subscriber.connection().sync().hgetall("oplog:relay:" + SOURCE);
  }

  /** The change c of the one collection overtakes a and b of the other. */
  @Test
  void aCollectionThatIsAheadOfThePositionIsPublishedOnceThough() throws Exception {
    Sink<DocumentChange> sink = sink();
    DocumentChange overtaking = of("notes", "c", 'c');
    sink.put(SOURCE, Optional.empty(), new Batch<>(List.of(overtaking), at("p0")));
    assertThat(standing()).containsKey("published:app.notes");
    assertThat(sink().position(SOURCE)).contains(at("p0"));
    for (Sink<DocumentChange> copy : List.of(sink, sink())) {
      List<DocumentChange> all =
          List.of(change("a"), change("b"), overtaking, of("notes", "d", 'd'));
      copy.put(SOURCE, Optional.of(at("p0")), new Batch<>(all, at("p4")));
    }
    assertThat(stored()).containsExactly("a", "b");
    assertThat(subscriber.heard("app.notes::c")).hasSize(1);
    assertThat(subscriber.heard("app.notes::d")).hasSize(1);
    assertThat(sink.position(SOURCE)).contains(at("p4"));
    assertThat(standing()).containsOnlyKeys("position", "at");
  }

  @Test
  void aCollectionThatFellQuietIsForgottenWhenThePositionHasComePastIt() throws Exception {
    Sink<DocumentChange> sink = sink();
    sink.put(SOURCE, Optional.empty(), new Batch<>(List.of(of("notes", "c", 'c')), at("p0")));
    put(sink, "p0", batch("p2", "a", "b"));
    sink.put(SOURCE, Optional.of(at("p2")), new Batch<>(List.of(), at("p2")));
    assertThat(standing()).containsKey("published:app.notes");
    sink.put(SOURCE, Optional.of(at("p2")), new Batch<>(List.of(), at("p3")));
    assertThat(standing()).containsOnlyKeys("position", "at");
  }

  /** A database that was made anew, by a clock that is behind the old one's. */
  @Test
  void aHistoryThatBeginsBeforeThePositionIsPublishedWhateverWasPublishedOfTheOldOne()
      throws Exception {
    Sink<DocumentChange> sink = sink();
    put(sink, "", batch("p5", "e"));
    DocumentChange ahead = of("notes", "z", 'z');
    sink.put(SOURCE, Optional.of(at("p5")), new Batch<>(List.of(ahead), at("p5")));
    sink.reconcile(
        SOURCE, Optional.of(at("p5")), new ListedScan<>(List.of(), at("p1")), "another history");
    DocumentChange early = of("notes", "b", 'b');
    sink.put(SOURCE, Optional.of(at("p1")), new Batch<>(List.of(early), at("p2")));
    assertThat(sink.position(SOURCE)).contains(at("p2"));
    assertThat(subscriber.heard("app.notes::b")).hasSize(1);
  }

  /** A copy tells b and d of one document as one, of which another has told b alone. */
  @Test
  void aMessageThatStandsForSeveralIsPublishedUntilTheNewestOfThemWas() throws Exception {
    DocumentChange.Document both =
        new DocumentChange.Document(
            DocumentChange.Kind.UPDATE,
            Changes.USERS,
            new BsonString("x"),
            List.of("f", "g"),
            null,
            null,
            Changes.time('d'),
            Changes.time('b'),
            0);
    put(sink(), "", batch("p2", "a", "b"));
    sink().put(SOURCE, Optional.of(at("p1")), new Batch<>(List.of(both), at("p1")));
    assertThat(stored()).containsExactly("a", "b", "x");
    put(sink(), "p2", batch("p3", "c"));
    assertThat(stored()).as("c came between").containsExactly("a", "b", "x", "c");
    put(sink(), "p3", batch("p4", "d"));
    sink().put(SOURCE, Optional.of(at("p1")), new Batch<>(List.of(both), at("p4")));
    assertThat(stored()).containsExactly("a", "b", "x", "c", "d");
  }
}
