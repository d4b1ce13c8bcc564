package io.oplog.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.oplog.client.ConnectionListener;
import io.oplog.client.Endpoint;
import io.oplog.client.RetryPolicy;
import io.oplog.client.StreamClient;
import io.oplog.client.mirror.DeadLetterHandler;
import io.oplog.client.mirror.Mirror;
import io.oplog.client.mirror.MirrorChange;
import io.oplog.client.mirror.MirrorOptions;
import io.oplog.client.mirror.MirrorTarget;
import io.oplog.protocol.Operation;
import io.oplog.testkit.TcpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Mirrors of a source, over a real server that is cut off, wiped and left by objects. */
@Timeout(120)
class MirrorTest {
  private static final RetryPolicy SOON =
      new RetryPolicy(Duration.ofMillis(5), Duration.ofMillis(50), Duration.ZERO);
  private static final MirrorOptions OPTIONS = MirrorOptions.USUAL.withAttempts(1000, SOON);

  private final Map<String, String> source = new ConcurrentHashMap<>();
  private final Copy copy = new Copy();
  private final Random random = new Random();
  private final long seed = System.nanoTime() & 0xffff_ffffL;
  private TestServer server;
  private TcpProxy proxy;
  private @Nullable Running running;

  /** What a mirror has made: all that was committed, with its generations. */
  private static final class Copy implements MirrorTarget<String> {
    private record Held(String object, long generation) {}

    private final Map<String, Held> objects = new HashMap<>();
    private Optional<String> checkpoint = Optional.empty();
    private volatile boolean isBroken;

    @Override
    public synchronized Optional<String> load() {
      return checkpoint;
    }

    @Override
    public synchronized void commit(List<MirrorChange<String>> changes, String after)
        throws IOException {
      if (isBroken) {
        throw new IOException("the database is away");
      }
      changes.forEach(this::apply);
      checkpoint = Optional.of(after);
    }

    private void apply(MirrorChange<String> change) {
      switch (change) {
        case MirrorChange.Put<String> put ->
            objects.put(put.type() + "/" + put.id(), new Held(put.object(), put.generation()));
        case MirrorChange.Remove<String> remove ->
            objects.remove(remove.type() + "/" + remove.id());
        case MirrorChange.RemoveOlder<String> older ->
            objects.values().removeIf(held -> held.generation() < older.generation());
      }
    }

    synchronized Map<String, String> objects() {
      Map<String, String> all = new HashMap<>();
      objects.forEach((key, held) -> all.put(key, held.object()));
      return all;
    }
  }

  /** A mirror on a thread of its own. */
  private final class Running {
    private final AtomicReference<Exception> end = new AtomicReference<>();
    private final Mirror<String> mirror;
    private final Thread thread;

    Running(MirrorOptions options) {
      Endpoint endpoint = Endpoint.of("http://127.0.0.1:" + proxy.port());
      StreamClient client =
          new StreamClient(endpoint, SOON, StreamClient.DEFAULT_SILENCE, ConnectionListener.SILENT);
      mirror = new Mirror<>(client, copy, MirrorTest.this::fetch, options);
      thread = new Thread(() -> MirrorTest.run(mirror, end));
      thread.start();
    }

    void awaitEnd(String message) throws InterruptedException {
      thread.join();
      assertThat(end.get()).hasMessage(message);
    }

    void end() throws InterruptedException {
      mirror.close();
      thread.join();
    }
  }

  private Optional<String> fetch(Operation operation) throws IOException {
    synchronized (random) {
      if (random.nextInt(10) == 0) {
        throw new IOException("the API is away");
      }
    }
    return Optional.ofNullable(source.get(operation.type() + "/" + operation.id()));
  }

  @BeforeEach
  void start() throws IOException {
    random.setSeed(seed);
    serve();
  }

  private void serve() throws IOException {
    server = TestServer.start();
    proxy = TcpProxy.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
  }

  @AfterEach
  void stop() throws Exception {
    if (running != null) {
      running.end();
    }
    proxy.close();
    server.close();
  }

  private void change(int number, String version) throws IOException {
    String key = "video/v" + number;
    boolean isDelete = version.isEmpty();
    String kind = isDelete ? "delete" : source.containsKey(key) ? "update" : "insert";
    if (isDelete) {
      source.remove(key);
    } else {
      source.put(key, version);
    }
    announce(kind, number, "user/u1");
  }

  private void announce(String kind, int number, String parent) throws IOException {
    server.post(
        "{\"event\":\"%s\",\"type\":\"video\",\"id\":\"v%d\",\"parents\":[\"%s\"]}"
            .formatted(kind, number, parent));
  }

  private void awaitTheSame() {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(copy.objects()).as("seed " + seed).isEqualTo(source));
  }

  /** The log is lost; all that exists is announced anew, and not what was deleted meanwhile. */
  private void wipe() throws Exception {
    proxy.close();
    server.close();
    for (String key : Set.copyOf(source.keySet())) {
      if (Math.floorMod(key.hashCode(), 3) == 0) {
        source.remove(key);
      }
    }
    serve();
    for (String key : source.keySet()) {
      announce("insert", Integer.parseInt(key.substring("video/v".length())), "user/u1");
    }
  }

  @Test
  void theCopyIsTheSameAsTheSourceWhateverIsCutWipedOrFails() throws Exception {
    System.out.printf("MirrorTest seed %d%n", seed);
    Random troubles = new Random(seed);
    for (int i = 0; i < 300; i++) {
      change(i, "first");
    }
    running = new Running(OPTIONS);
    for (int round = 0; round < 12; round++) {
      for (int i = 0; i < 50; i++) {
        change(troubles.nextInt(400), troubles.nextInt(4) == 0 ? "" : "r" + round + "." + i);
        if (troubles.nextInt(25) == 0) {
          proxy.cut();
        }
      }
      switch (troubles.nextInt(4)) {
        case 0 -> {
          running.end();
          wipe();
          running = new Running(OPTIONS);
        }
        case 1 -> {
          running.end();
          running = new Running(OPTIONS);
        }
        case 2 -> {
          copy.isBroken = true;
          change(1, "broken" + round);
          running.awaitEnd("the database is away");
          copy.isBroken = false;
          running = new Running(OPTIONS);
        }
        default -> proxy.cut();
      }
      awaitTheSame();
    }
  }

  @Test
  void anObjectThatCannotBeHadEndsTheMirrorOrIsSkipped() throws Exception {
    source.put("video/v1", "one");
    announce("insert", 1, "user/u1");
    MirrorOptions once = OPTIONS.withAttempts(1, SOON);
    StreamClient client = new StreamClient(Endpoint.of("http://127.0.0.1:" + proxy.port()));
    Mirror<String> stopping =
        new Mirror<>(
            client,
            copy,
            operation -> {
              throw new IOException("no " + operation.id());
            },
            once);
    assertThatThrownBy(stopping::run).hasMessageContainingAll("video/v1", "no v1");
    assertThat(copy.objects()).isEmpty();
    announce("insert", 2, "user/u1");
    source.put("video/v2", "two");
    source.remove("video/v1");
    Mirror<String> skipping =
        new Mirror<>(
            client,
            copy,
            operation -> {
              if (operation.id().equals("v1")) {
                throw new IOException("no " + operation.id());
              }
              return Optional.of("two");
            },
            once.withOnDeadLetter((operation, cause) -> DeadLetterHandler.Verdict.SKIP));
    AtomicReference<Exception> end = new AtomicReference<>();
    Thread thread = new Thread(() -> run(skipping, end));
    thread.start();
    awaitTheSame();
    skipping.close();
    thread.join();
    assertThat(end.get()).hasMessage("the mirror was closed");
  }

  private static void run(Mirror<String> mirror, AtomicReference<Exception> end) {
    try {
      mirror.run();
    } catch (Exception e) {
      end.set(e);
    }
  }
}
