package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.client.AcknowledgedStream;
import io.oplog.client.CheckpointStore;
import io.oplog.client.ConnectionListener;
import io.oplog.client.Endpoint;
import io.oplog.client.EventStream;
import io.oplog.client.FileCheckpointStore;
import io.oplog.client.MalformedStreamException;
import io.oplog.client.Publisher;
import io.oplog.client.RefusedException;
import io.oplog.client.RetryPolicy;
import io.oplog.client.StreamClient;
import io.oplog.client.UnavailableException;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationLines;
import io.oplog.protocol.OperationReader;
import io.oplog.protocol.StreamEvent;
import io.oplog.testkit.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Java library on a way that harms what passes, to a server that is killed. */
@Timeout(300)
class ClientTroubleIT {
  private static final long SEED = Long.getLong("oplog.seed", System.nanoTime());
  private static final RetryPolicy QUICK =
      new RetryPolicy(Duration.ofMillis(5), Duration.ofMillis(100), Duration.ofMinutes(2));
  private static final int MOST_BYTES = 400_000;
  private static final int KILLS = 3;
  private static final int GARBLED = 60;

  @TempDir Path folder;
  private final Random random = new Random(SEED);
  private OplogProcess server;
  private TcpProxy way;

  @BeforeEach
  void serve() throws IOException {
    server = OplogProcess.serve(folder);
    way = TcpProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
  }

  @AfterEach
  void stop() throws IOException {
    way.close();
    server.close();
  }

  private void restart() throws IOException {
    int port = server.port();
    server.kill();
    server = OplogProcess.serving(folder, "--listen", "127.0.0.1:" + port).start();
    server.awaitListening();
  }

  private Endpoint endpoint() {
    return Endpoint.of("http://127.0.0.1:" + way.port());
  }

  private static List<Operation> history() throws IOException {
    List<Operation> operations = new ArrayList<>();
    byte[] lines = String.join("\n", GitHistory.lines()).getBytes(UTF_8);
    OperationReader reader = new OperationReader(OperationLimits.DEFAULTS);
    reader.readDatagram(
        lines,
        0,
        lines.length,
        0,
        operations::add,
        bad -> {
          throw new IllegalStateException(bad);
        });
    return operations;
  }

  @Test
  void whatWasAppliedThroughTroubleIsWhatTheServerHolds() throws Exception {
    way.harm(SEED, MOST_BYTES);
    CompletableFuture<String> published = CompletableFuture.supplyAsync(this::publishAll);
    StringBuilder applied = new StringBuilder();
    CheckpointStore position = new FileCheckpointStore(folder.resolve("position"));
    AtomicInteger connections = new AtomicInteger();
    int kills = 0;
    boolean hasAll = false;
    while (!hasAll) {
      try (AcknowledgedStream stream = stream(position, connections)) {
        hasAll = apply(stream, 1 + random.nextInt(20_000), published, applied);
      }
      if (!hasAll && kills < KILLS) {
        restart();
        kills++;
      }
    }
    assertThat(GitHistory.replica(applied.toString()))
        .as("-Doplog.seed=" + SEED)
        .isEqualTo(GitHistory.tree());
    assertThat(connections.get()).isGreaterThan(10);
    OplogProcess held =
        OplogProcess.command(
                folder, "tail", "--url", server.url(), "--json", "--from", "0", "--exit-at-live")
            .run();
    assertThat(GitHistory.replica(held.out())).isEqualTo(GitHistory.tree());
  }

  private String publishAll() {
    try (Publisher publisher = new Publisher(endpoint(), QUICK, ConnectionListener.SILENT)) {
      CompletableFuture<String> last = CompletableFuture.completedFuture("");
      for (Operation operation : history()) {
        last = publisher.submit(operation);
      }
      return last.get();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private AcknowledgedStream stream(CheckpointStore position, AtomicInteger connections)
      throws IOException {
    ConnectionListener counting =
        new ConnectionListener() {
          @Override
          public void connected() {
            connections.incrementAndGet();
          }
        };
    StreamClient client = new StreamClient(endpoint(), QUICK, Duration.ofSeconds(30), counting);
    return client.follow(Filter.ALL, "0", position, Duration.ofMillis(20));
  }

  /** Applies so many events; some more are handed out, and lost with whom they came to. */
  private boolean apply(
      AcknowledgedStream stream,
      int count,
      CompletableFuture<String> published,
      StringBuilder applied)
      throws Exception {
    int lost = random.nextInt(10);
    for (int i = 0; i < count + lost; i++) {
      StreamEvent event = stream.next();
      if (i < count) {
        applied.append(line(event));
        stream.acknowledge(event);
      }
      if (i < count && published.isDone() && isLast(event, published.get())) {
        return true;
      }
    }
    return false;
  }

  private static String line(StreamEvent event) {
    return switch (event) {
      case StreamEvent.Change change ->
          new String(OperationLines.of(List.of(change.operation())), UTF_8);
      case StreamEvent.Reset _ -> "{\"event\":\"reset\"}\n";
      default -> "";
    };
  }

  private static boolean isLast(StreamEvent event, String published) {
    return event instanceof StreamEvent.Change change
        && change.id().sequence() >= EventId.parse(published).sequence();
  }

  @Test
  void aStreamThatIsGarbledEndsWithAClearErrorOrGoesOn() throws Exception {
    publishAll();
    int malformed = 0;
    for (int i = 0; i < GARBLED; i++) {
      way.garble(SEED + 1000L * i, MOST_BYTES);
      malformed += followGarbled() ? 1 : 0;
    }
    assertThat(malformed).as("-Doplog.seed=" + SEED).isPositive();
  }

  /** Whether it ended for what was garbled. */
  private boolean followGarbled() throws Exception {
    RetryPolicy brief = QUICK.givingUpAfter(Duration.ofSeconds(5));
    StreamClient client =
        new StreamClient(endpoint(), brief, Duration.ofSeconds(5), ConnectionListener.SILENT);
    try (EventStream stream = client.follow(Filter.ALL, "0")) {
      for (int i = 0; i < GitHistory.OBJECTS; i++) {
        if (stream.next() instanceof StreamEvent.Live) {
          return false;
        }
      }
      return false;
    } catch (MalformedStreamException e) {
      assertThat(e).hasMessageContaining("127.0.0.1:" + way.port());
      assertThat(e.getMessage()).hasSizeLessThan(1000);
      return true;
    } catch (RefusedException | UnavailableException e) {
      return false; // the head was garbled
    }
  }
}
