package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import io.oplog.connector.document.DocumentChange;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.connector.document.DocumentNeeds.Fields;
import io.oplog.connector.document.Namespace;
import io.oplog.connector.document.NamespaceFilter;
import io.oplog.connector.document.NamespaceFilter.Choice;
import io.oplog.connector.document.NamespacePattern;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Start;
import io.oplog.testkit.mongodb.TestMongo;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.bson.Document;

/** A database of one test's own, and sources on it. */
final class TestDatabase implements AutoCloseable {
  private static final int ALL = 1 << 20;
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final long LIMIT_SECONDS = 30;

  final String name = "source-" + UUID.randomUUID();
  private final String uri;
  private final MongoClient client;
  private final List<MongoSource> opened = new ArrayList<>();

  TestDatabase() {
    this(TestMongo.shared().uri(""));
  }

  TestDatabase(String server) {
    this.uri = server;
    this.client = MongoClients.create(server);
  }

  MongoClient client() {
    return client;
  }

  MongoDatabase database() {
    return client.getDatabase(name);
  }

  MongoCollection<Document> collection(String collection) {
    return database().getCollection(collection);
  }

  Namespace namespace(String collection) {
    return new Namespace(name, collection);
  }

  /** What is wanted of this database alone. */
  DocumentNeeds needs(Fields fields) {
    return new DocumentNeeds(filter("*"), _ -> fields, false);
  }

  /** Collections of this database; those after {@code !} are not wanted. */
  NamespaceFilter filter(String... collections) {
    return new NamespaceFilter(Stream.of(collections).map(this::choice).toList());
  }

  private Choice choice(String text) {
    boolean isWanted = !text.startsWith("!");
    return new Choice(new NamespacePattern(name, isWanted ? text : text.substring(1)), isWanted);
  }

  MongoSource source(Fields fields) {
    return source(needs(fields));
  }

  MongoSource source(DocumentNeeds needs) {
    return source(MongoSourceOptions.of(uri, needs, name));
  }

  MongoSource source(MongoSourceOptions options) {
    MongoSource source = new MongoSource(options);
    opened.add(source);
    return source;
  }

  /** A source that stands at now. */
  MongoSource started(Fields fields) throws Exception {
    return begun(source(fields));
  }

  static MongoSource begun(MongoSource source) throws Exception {
    goOn(source, now(source));
    return source;
  }

  static String now(MongoSource source) throws Exception {
    return lost(source.seek(Optional.empty())).scan().skip();
  }

  static Start.Lost<DocumentChange> lost(Start<DocumentChange> start) {
    assertThat(start).isInstanceOf(Start.Lost.class);
    return (Start.Lost<DocumentChange>) start;
  }

  static void goOn(MongoSource source, String position) throws Exception {
    assertThat(source.seek(Optional.of(position))).isInstanceOf(Start.Resumed.class);
  }

  /** Exactly so many changes. */
  static List<DocumentChange> read(MongoSource source, int count) throws Exception {
    List<DocumentChange> changes = new ArrayList<>();
    for (Batch<DocumentChange> batch : batches(source, count, ALL)) {
      changes.addAll(batch.changes());
    }
    assertThat(changes).hasSize(count);
    return changes;
  }

  /** Batches with at least so many changes. */
  static List<Batch<DocumentChange>> batches(MongoSource source, int count, int maxBytes)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    List<Batch<DocumentChange>> batches = new ArrayList<>();
    int read = 0;
    while (read < count && System.nanoTime() < end) {
      Optional<Batch<DocumentChange>> batch = source.next(maxBytes, WAIT);
      batch.ifPresent(batches::add);
      read += batch.map(one -> one.changes().size()).orElse(0);
    }
    assertThat(read).as("changes that came in time").isGreaterThanOrEqualTo(count);
    return batches;
  }

  static DocumentChange.Document document(DocumentChange change) {
    assertThat(change).isInstanceOf(DocumentChange.Document.class);
    return (DocumentChange.Document) change;
  }

  @Override
  public void close() {
    opened.forEach(MongoSource::close);
    database().drop();
    client.close();
  }
}
