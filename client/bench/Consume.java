import io.oplog.client.AcknowledgedStream;
import io.oplog.client.CheckpointStore;
import io.oplog.client.Endpoint;
import io.oplog.client.EventStream;
import io.oplog.client.StreamClient;
import io.oplog.protocol.Filter;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * How fast events are consumed, beside a loop that splits blocks and parses their JSON, which does
 * none of what a client must; and what memory a long replication takes.
 */
public final class Consume {
  private static final int EVENTS = 300_000;
  private static final int STATES = 1_000_000;
  private static final int ROUNDS = 7;
  private static final int WARM = 3;
  private static final int BLOCK = 400;
  private static final JsonFactory JSON = new JsonFactory();
  private static final List<byte[]> CACHED = new ArrayList<>();

  private Consume() {}

  private interface Consumer {
    int consume(String url) throws Exception;
  }

  /** Runs all rounds, each of all ways, and prints the medians. */
  public static void main(String[] args) throws Exception {
    blocks(EVENTS).forEachRemaining(CACHED::add);
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread server = new Thread(() -> serve(listener));
      server.setDaemon(true);
      server.start();
      String url = "http://127.0.0.1:" + listener.getLocalPort();
      rates(url);
      memory(url);
    }
  }

  private static void rates(String url) throws Exception {
    List<Double> bare = new ArrayList<>();
    List<Double> followed = new ArrayList<>();
    List<Double> acknowledged = new ArrayList<>();
    for (int round = -WARM; round < ROUNDS; round++) {
      double[] rates = {
        rate(Consume::simple, url), rate(Consume::follow, url), rate(Consume::acknowledge, url)
      };
      if (round >= 0) {
        bare.add(rates[0]);
        followed.add(rates[1]);
        acknowledged.add(rates[2]);
      }
    }
    System.out.printf("a bare loop      %,9.0f events/s%n", median(bare));
    System.out.printf(
        "follow           %,9.0f events/s  %.2f%n",
        median(followed), median(followed) / median(bare));
    System.out.printf(
        "and acknowledge  %,9.0f events/s  %.2f%n",
        median(acknowledged), median(acknowledged) / median(bare));
  }

  private static double rate(Consumer consumer, String url) throws Exception {
    long begin = System.nanoTime();
    int seen = consumer.consume(url);
    if (seen != EVENTS) {
      throw new IllegalStateException("seen=" + seen);
    }
    return EVENTS / ((System.nanoTime() - begin) / 1e9);
  }

  private static double median(List<Double> values) {
    Collections.sort(values);
    return values.get(values.size() / 2);
  }

  private static int simple(String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/?types=" + EVENTS)).build();
    HttpClient http = HttpClient.newHttpClient();
    int seen = 0;
    try (Stream<String> lines =
        http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
      for (Iterator<String> each = lines.iterator(); each.hasNext(); ) {
        String line = each.next();
        if (line.startsWith("data: ") && id(line.substring(6)) != null) {
          seen++;
        } else if (line.equals("event: live")) {
          return seen;
        }
      }
    }
    throw new IllegalStateException("the stream ended");
  }

  private static String id(String json) {
    String id = null;
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME && parser.currentName().equals("id")) {
          parser.nextToken();
          id = parser.getString();
        } else if (token == JsonToken.VALUE_STRING) {
          parser.getString(); // whoever wants the operation has all of it
        }
      }
    }
    return id;
  }

  private static int follow(String url) throws Exception {
    try (EventStream stream = client(url).follow(Filter.ofTypes("" + EVENTS), "0")) {
      int seen = 0;
      while (!(stream.next() instanceof StreamEvent.Live)) {
        seen++;
      }
      return seen;
    }
  }

  private static int acknowledge(String url) throws Exception {
    return acknowledge(url, EVENTS);
  }

  private static int acknowledge(String url, int count) throws Exception {
    try (AcknowledgedStream stream =
        client(url)
            .follow(Filter.ofTypes("" + count), "0", new Nowhere(), Duration.ofSeconds(1))) {
      int seen = 0;
      for (StreamEvent event = stream.next();
          !(event instanceof StreamEvent.Live);
          event = stream.next()) {
        stream.acknowledge(event);
        seen++;
        if (count == STATES && seen % 250_000 == 0) {
          System.out.printf("%,d states: %.1f MB%n", seen, usedMegabytes());
        }
      }
      return seen;
    }
  }

  private static StreamClient client(String url) {
    return new StreamClient(Endpoint.of(url));
  }

  private record Nowhere() implements CheckpointStore {
    @Override
    public Optional<String> load() {
      return Optional.empty();
    }

    @Override
    public void save(String eventId) {}
  }

  private static void memory(String url) throws Exception {
    CACHED.clear();
    acknowledge(url, STATES);
  }

  private static double usedMegabytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return (runtime.totalMemory() - runtime.freeMemory()) / 1e6;
  }

  // ---- the server ----

  private static void serve(ServerSocket listener) {
    while (true) {
      try (Socket socket = listener.accept()) {
        answer(socket, count(socket.getInputStream()));
      } catch (IOException e) {
        if (listener.isClosed()) {
          return;
        }
      }
    }
  }

  /** The number that the types are. */
  private static int count(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    return Integer.parseInt(head.toString().replaceFirst("(?s).*?types=(\\d+).*", "$1"));
  }

  private static void answer(Socket socket, int count) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(bytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"));
    Iterator<byte[]> blocks = CACHED.isEmpty() ? blocks(count) : CACHED.iterator();
    while (blocks.hasNext()) {
      out.write(blocks.next());
    }
    socket.shutdownOutput();
    while (socket.getInputStream().read() >= 0) {
      Thread.onSpinWait(); // until the client has read all and goes
    }
  }

  private static Iterator<byte[]> blocks(int count) {
    return Stream.iterate(1, from -> from <= count + BLOCK, from -> from + BLOCK)
        .map(from -> bytes(events(from, count)))
        .iterator();
  }

  private static String events(int from, int count) {
    StringBuilder text = new StringBuilder();
    for (int n = from; n < from + BLOCK && n <= count; n++) {
      text.append("id: ").append(id(n)).append("\nevent: insert\ndata: ");
      text.append("{\"timestamp\":\"2014-11-06T11:04:39.041Z\",\"parents\":[\"user/x");
      text.append(n % 1000).append("\",\"video/v").append(n);
      text.append("\"],\"type\":\"video\",\"id\":\"v").append(n).append("\"}\n\n");
    }
    boolean isLast = from <= count && from + BLOCK > count;
    return isLast ? text + "id: " + id(count) + "\nevent: live\ndata: {}\n\n" : text.toString();
  }

  private static String id(int n) {
    return String.format("6920c0de0001%012x", n);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
