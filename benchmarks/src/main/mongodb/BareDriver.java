import static java.nio.charset.StandardCharsets.US_ASCII;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.MongoCursor;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.WriteModel;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.BsonTimestamp;
import org.bson.Document;
import org.bson.RawBsonDocument;
import org.bson.types.Binary;

/**
 * The bare MongoDB driver, as a baseline: nothing that a log on this database does can take fewer
 * round trips or less time than its inserts alone. Run from its source with the program's jar, which
 * has the driver, on the class path.
 *
 * <pre>
 * BareDriver insert URI COUNT BYTES   COUNT majority inserts of a document of BYTES, one after the other
 * BareDriver delay URI COUNT RATE     from an insert's acknowledgement to its change event elsewhere
 * BareDriver blocks URI               how many blocks a log has, and their mean size
 * BareDriver load URI COUNT           COUNT inserts, then a one-field update of each; tells when it began
 * BareDriver watch URI COUNT TIME     reads COUNT changes since then, and does nothing with them
 * BareDriver published URI COUNT RATE PORT   from an insert's acknowledgement to a Redis subscriber
 * </pre>
 */
final class BareDriver {
  private static final int BULK = 1000;
  private static final Pattern PUBLISHED = Pattern.compile("\"_id\":\"n(\\d+)\"");

  public static void main(String[] arguments) throws InterruptedException, IOException {
    ConnectionString uri = new ConnectionString(arguments[1]);
    MongoClientSettings settings =
        MongoClientSettings.builder()
            .applyConnectionString(uri)
            .writeConcern(WriteConcern.MAJORITY.withJournal(true))
            .build();
    try (MongoClient client = MongoClients.create(settings)) {
      MongoDatabase database = client.getDatabase(uri.getDatabase());
      switch (arguments[0]) {
        case "insert" -> insert(database.getCollection("bare"), number(arguments, 2), number(arguments, 3));
        case "load" -> load(database, number(arguments, 2));
        case "watch" -> watch(client, number(arguments, 2), Long.parseLong(arguments[3]));
        case "published" ->
            published(database, number(arguments, 2), number(arguments, 3), number(arguments, 4));
        case "delay" -> delay(database.getCollection("bare"), number(arguments, 2), number(arguments, 3));
        default -> blocks(database.getCollection("oplog_log"));
      }
    }
  }

  private static int number(String[] arguments, int index) {
    return Integer.parseInt(arguments[index]);
  }

  /** Before it writes it tells the cluster time: a change stream that starts there has all of it. */
  private static void load(MongoDatabase database, int count) {
    BsonTimestamp begun =
        database
            .runCommand(new Document("ping", 1), BsonDocument.class)
            .getTimestamp("operationTime", new BsonTimestamp(0));
    MongoCollection<Document> collection = database.getCollection("load");
    collection.drop();
    bulks(collection, count, i -> new InsertOneModel<>(new Document("_id", "d" + i).append("a", i).append("name", "a name of some letters")));
    bulks(collection, count, i -> new UpdateOneModel<>(new Document("_id", "d" + i), new Document("$set", new Document("a", -1 - i))));
    System.out.printf("{\"time\": %d}%n", begun.getValue());
  }

  private static void bulks(
      MongoCollection<Document> collection, int count, IntFunction<WriteModel<Document>> model) {
    for (int from = 0; from < count; from += BULK) {
      collection.bulkWrite(
          IntStream.range(from, Math.min(count, from + BULK)).mapToObj(model).toList());
    }
  }

  /** Reads them twice: the first time code is compiled. */
  private static void watch(MongoClient client, int count, long time) {
    read(client, count, time);
    long cpu = cpuNanos();
    long start = System.nanoTime();
    read(client, count, time);
    System.out.printf(
        "{\"seconds\": %.6f, \"cpu_s\": %.6f}%n",
        (System.nanoTime() - start) / 1e9, (cpuNanos() - cpu) / 1e9);
  }

  private static void read(MongoClient client, int count, long time) {
    try (MongoCursor<RawBsonDocument> changes =
        client
            .watch()
            .startAtOperationTime(new BsonTimestamp(time))
            .withDocumentClass(RawBsonDocument.class)
            .iterator()) {
      for (int seen = 0; seen < count; seen++) {
        changes.next();
      }
    }
  }

  private static void published(MongoDatabase database, int count, int rate, int port)
      throws InterruptedException, IOException {
    MongoCollection<Document> collection = database.getCollection("published");
    long[] acknowledged = new long[count];
    long[] arrived = new long[count];
    try (Socket redis = new Socket("127.0.0.1", port)) {
      String channel = database.getName() + ".published";
      redis.getOutputStream().write(("SUBSCRIBE " + channel + "\r\n").getBytes(US_ASCII));
      BufferedReader answers =
          new BufferedReader(new InputStreamReader(redis.getInputStream(), US_ASCII));
      while (!answers.readLine().equals(":1")) {}
      Thread listener = Thread.ofPlatform().start(() -> listen(answers, arrived));
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        TimeUnit.NANOSECONDS.sleep(start + i * 1_000_000_000L / rate - System.nanoTime());
        collection.insertOne(new Document("_id", "n" + i));
        acknowledged[i] = System.nanoTime();
      }
      listener.join();
    }
    printDelays(acknowledged, arrived);
  }

  private static void listen(BufferedReader answers, long[] arrived) {
    try {
      for (int seen = 0; seen < arrived.length; ) {
        Matcher id = PUBLISHED.matcher(answers.readLine());
        if (id.find()) {
          arrived[Integer.parseInt(id.group(1))] = System.nanoTime();
          seen++;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void blocks(MongoCollection<Document> log) {
    long blocks = 0;
    long bytes = 0;
    for (Document block : log.find().projection(new Document("bytes", 1))) {
      blocks++;
      bytes += block.getLong("bytes");
    }
    System.out.printf("{\"blocks\": %d, \"bytes\": %d}%n", blocks, bytes);
  }

  /** The first half is not counted, in which code is compiled. */
  private static void insert(MongoCollection<Document> collection, int count, int bytes) {
    byte[] data = new byte[bytes];
    new Random(1).nextBytes(data);
    insertAll(collection, 0, count, data);
    long start = System.nanoTime();
    long cpu = cpuNanos();
    insertAll(collection, count, count, data);
    System.out.printf(
        "{\"inserts\": %d, \"seconds\": %.6f, \"cpu_s\": %.6f}%n",
        count, (System.nanoTime() - start) / 1e9, (cpuNanos() - cpu) / 1e9);
  }

  private static void insertAll(
      MongoCollection<Document> collection, int from, int count, byte[] data) {
    for (int i = from; i < from + count; i++) {
      collection.insertOne(new Document("_id", (long) i).append("data", new Binary(data)));
    }
  }

  private static long cpuNanos() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
  }

  private static void delay(MongoCollection<Document> collection, int count, int rate)
      throws InterruptedException {
    long[] acknowledged = new long[count];
    long[] arrived = new long[count];
    try (MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes =
        collection.watch(List.of()).maxAwaitTime(1, TimeUnit.SECONDS).cursor()) {
      Thread watcher = Thread.ofPlatform().start(() -> watch(changes, arrived));
      long start = System.nanoTime();
      for (int i = 0; i < count; i++) {
        TimeUnit.NANOSECONDS.sleep(start + i * 1_000_000_000L / rate - System.nanoTime());
        collection.insertOne(new Document("_id", i));
        acknowledged[i] = System.nanoTime();
      }
      watcher.join();
    }
    printDelays(acknowledged, arrived);
  }

  private static void printDelays(long[] acknowledged, long[] arrived) {
    int count = arrived.length;
    long[] delays = new long[count];
    Arrays.setAll(delays, i -> Math.max(0, arrived[i] - acknowledged[i]));
    Arrays.sort(delays);
    System.out.printf(
        "{\"p50_ms\": %.3f, \"p99_ms\": %.3f}%n",
        delays[count / 2] / 1e6, delays[count * 99 / 100] / 1e6);
  }

  private static void watch(
      MongoChangeStreamCursor<ChangeStreamDocument<Document>> changes, long[] arrived) {
    for (int seen = 0; seen < arrived.length; seen++) {
      arrived[changes.next().getDocumentKey().getInt32("_id").getValue()] = System.nanoTime();
    }
  }
}
