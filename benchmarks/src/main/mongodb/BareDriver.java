import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.WriteConcern;
import com.mongodb.client.MongoChangeStreamCursor;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.changestream.ChangeStreamDocument;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.bson.Document;
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
 * </pre>
 */
final class BareDriver {
  public static void main(String[] arguments) throws InterruptedException {
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
        case "delay" -> delay(database.getCollection("bare"), number(arguments, 2), number(arguments, 3));
        default -> blocks(database.getCollection("oplog_log"));
      }
    }
  }

  private static int number(String[] arguments, int index) {
    return Integer.parseInt(arguments[index]);
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
