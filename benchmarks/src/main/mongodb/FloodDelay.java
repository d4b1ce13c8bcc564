import static java.nio.charset.StandardCharsets.US_ASCII;

import com.mongodb.ConnectionString;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bson.Document;

/**
 * How late the changes of fifty collections are at a subscriber of Redis: from the moment at which
 * they were passed to the relay's driver, for which the relay reads through this process, and from
 * their acknowledgement. Run from its source with the program's jar on the class path.
 *
 * <pre>
 * FloodDelay URI REDIS_PORT DOCUMENTS RATE PORT
 * </pre>
 *
 * Loads the documents that a flood will update, and then lets the relay read from the port.
 * Goes on by its input: {@code quiet} begins to change the collections in turn, RATE times a second;
 * {@code flood} does, and updates all documents beside, and tells when that is done; {@code stop}
 * ends that, and tells the delays.
 */
final class FloodDelay {
  private static final int COLLECTIONS = 50;
  private static final int WRITERS = 4;
  private static final int MOST = 4_000_000;
  private static final int BULK = 10_000;
  private static final byte[] MARK = "@s".getBytes(US_ASCII);
  private static final int DIGITS = 8;
  private static final Pattern ID = Pattern.compile("\"_id\":\"@s(\\d+)\"");

  private final MongoDatabase database;
  private final int documents;
  private final int rate;
  private final AtomicInteger written = new AtomicInteger();
  private final AtomicInteger heard = new AtomicInteger();
  private final long[] acknowledged = new long[MOST];
  private final long[] passed = new long[MOST];
  private final long[] arrived = new long[MOST];
  private volatile boolean isStopped;

  private FloodDelay(MongoDatabase database, int documents, int rate) {
    this.database = database;
    this.documents = documents;
    this.rate = rate;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    ConnectionString uri = new ConnectionString(arguments[0]);
    try (MongoClient client = MongoClients.create(uri);
        Socket redis = new Socket("127.0.0.1", Integer.parseInt(arguments[1]))) {
      FloodDelay measure =
          new FloodDelay(
              client.getDatabase(uri.getDatabase()),
              Integer.parseInt(arguments[2]),
              Integer.parseInt(arguments[3]));
      measure.load();
      measure.subscribe(redis);
      String[] server = uri.getHosts().getFirst().split(":");
      ServerSocket proxy = new ServerSocket(Integer.parseInt(arguments[4]), 50, InetAddress.getLoopbackAddress());
      Thread.ofPlatform().daemon().start(() -> measure.serve(proxy, server[0], Integer.parseInt(server[1])));
      System.out.println("{}");
      measure.obey(new BufferedReader(new InputStreamReader(System.in, US_ASCII)));
    }
    System.exit(0); // connections that are still open end with it
  }

  private void load() {
    MongoCollection<Document> big = database.getCollection("big");
    for (int from = 0; from < documents; from += BULK) {
      big.insertMany(
          IntStream.range(from, Math.min(documents, from + BULK))
              .mapToObj(i -> new Document("_id", "b" + i).append("n", 0).append("name", "a name of some letters"))
              .toList());
    }
  }

  private void obey(BufferedReader input) throws IOException, InterruptedException {
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      int first = written.get();
      isStopped = false;
      List<Thread> threads = new ArrayList<>();
      if (line.equals("flood")) {
        threads.add(Thread.ofPlatform().start(this::flood));
      }
      long start = System.nanoTime();
      IntStream.range(0, WRITERS).forEach(i -> threads.add(Thread.ofPlatform().start(() -> write(start, i))));
      input.readLine();
      isStopped = true;
      for (Thread thread : threads) {
        thread.join();
      }
      while (heard.get() < written.get()) {
        TimeUnit.MILLISECONDS.sleep(1);
      }
      print(first, written.get());
    }
  }

  private void flood() {
    long start = System.nanoTime();
    database.getCollection("big").updateMany(new Document(), new Document("$inc", new Document("n", 1)));
    System.out.printf("{\"updated_s\": %.3f}%n", (System.nanoTime() - start) / 1e9);
  }

  private void write(long start, int writer) {
    try {
      for (long turn = writer; !isStopped; turn += WRITERS) {
        TimeUnit.NANOSECONDS.sleep(start + turn * 1_000_000_000L / rate - System.nanoTime());
        int number = written.getAndIncrement();
        database
            .getCollection("c" + number % COLLECTIONS)
            .insertOne(new Document("_id", String.format("@s%08d", number)));
        acknowledged[number] = System.nanoTime();
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private void subscribe(Socket redis) throws IOException {
    String channels =
        IntStream.range(0, COLLECTIONS)
            .mapToObj(i -> database.getName() + ".c" + i)
            .collect(Collectors.joining(" "));
    redis.getOutputStream().write(("SUBSCRIBE " + channels + "\r\n").getBytes(US_ASCII));
    BufferedReader answers = new BufferedReader(new InputStreamReader(redis.getInputStream(), US_ASCII));
    Thread.ofPlatform().daemon().start(() -> listen(answers));
  }

  private void listen(BufferedReader answers) {
    try {
      for (String line = answers.readLine(); line != null; line = answers.readLine()) {
        Matcher id = ID.matcher(line);
        if (id.find()) {
          int number = Integer.parseInt(id.group(1));
          if (arrived[number] != 0) {
            throw new IllegalStateException("published twice: " + number);
          }
          arrived[number] = System.nanoTime();
          heard.incrementAndGet();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void serve(ServerSocket proxy, String host, int port) {
    try {
      while (true) {
        Socket from = proxy.accept();
        Socket to = new Socket(host, port);
        from.setTcpNoDelay(true);
        to.setTcpNoDelay(true);
        Thread.ofPlatform().daemon().start(() -> pass(from, to, false));
        Thread.ofPlatform().daemon().start(() -> pass(to, from, true));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A mark may be cut, so the end of what was passed is looked at again. */
  private void pass(Socket from, Socket to, boolean isLookedAt) {
    int kept = MARK.length + DIGITS - 1;
    byte[] buffer = new byte[kept + (64 << 10)];
    try (from; to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer, kept, buffer.length - kept); count > 0; count = in.read(buffer, kept, buffer.length - kept)) {
        out.write(buffer, kept, count);
        if (isLookedAt) {
          look(buffer, kept + count);
        }
        System.arraycopy(buffer, count, buffer, 0, kept);
      }
    } catch (IOException e) {
      // an end has gone
    }
  }

  private void look(byte[] buffer, int end) {
    long now = System.nanoTime();
    for (int i = 0; i <= end - MARK.length - DIGITS; i++) {
      int number = buffer[i] == MARK[0] && buffer[i + 1] == MARK[1] ? number(buffer, i + MARK.length) : -1;
      if (number >= 0 && passed[number] == 0) {
        passed[number] = now;
      }
    }
  }

  /** What looks like a mark may be a part of anything. */
  private static int number(byte[] buffer, int from) {
    int number = 0;
    for (int i = from; i < from + DIGITS; i++) {
      int digit = buffer[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = 10 * number + digit;
    }
    return number < MOST ? number : -1;
  }

  private void print(int first, int end) {
    System.out.printf(
        "{\"changes\": %d, \"relay\": %s, \"whole\": %s}%n",
        end - first, delays(passed, first, end), delays(acknowledged, first, end));
  }

  private String delays(long[] since, int first, int end) {
    long[] delays = IntStream.range(first, end).mapToLong(i -> Math.max(0, arrived[i] - since[i])).sorted().toArray();
    int count = delays.length;
    return String.format(
        "{\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"max_ms\": %.3f}",
        delays[count / 2] / 1e6, delays[count * 99 / 100] / 1e6, delays[count - 1] / 1e6);
  }
}
