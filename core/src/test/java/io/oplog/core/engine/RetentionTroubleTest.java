package io.oplog.core.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.oplog.core.memory.MemoryStore;
import io.oplog.core.store.Retention;
import io.oplog.core.store.Store;
import io.oplog.core.store.StoreException;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the log says while a store is away whose old operations are to be dropped. */
class RetentionTroubleTest {
  private static final int FAILURES = 5;

  private final ByteArrayOutputStream said = new ByteArrayOutputStream();
  private final PrintStream before = System.err;
  private final AtomicInteger rounds = new AtomicInteger();
  private final MemoryStore store = new MemoryStore(new SteppedClock(), Retention.FOREVER);

  @BeforeEach
  void listen() {
    System.setErr(new PrintStream(said, true, UTF_8));
  }

  @AfterEach
  void stopListening() {
    System.setErr(before);
  }

  private Store awayAtFirst() {
    return (Store)
        Proxy.newProxyInstance(
            Store.class.getClassLoader(),
            new Class<?>[] {Store.class},
            (_, method, arguments) -> {
              if (method.getName().equals("enforceRetention")
                  && rounds.incrementAndGet() <= FAILURES) {
                throw new StoreException.Unavailable("nobody answers", null);
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static EngineOptions often() {
    EngineOptions usual = EngineOptions.defaults();
    return new EngineOptions(
        usual.maxQueuedOperations(),
        usual.maxQueuedBytes(),
        usual.tailBytes(),
        usual.pageBytes(),
        usual.readers(),
        usual.streams(),
        Duration.ofMillis(1),
        usual.objectUrl());
  }

  @Test
  void aStoreThatIsAwayIsToldOnceAndSoIsItsReturn() {
    try (Engine _ = Engine.start(awayAtFirst(), often())) {
      await().until(() -> rounds.get() > FAILURES + 1);
    }
    assertThat(said.toString(UTF_8))
        .containsOnlyOnce("Retention cannot be enforced")
        .containsOnlyOnce("nobody answers")
        .containsOnlyOnce("Retention is enforced again");
  }
}
