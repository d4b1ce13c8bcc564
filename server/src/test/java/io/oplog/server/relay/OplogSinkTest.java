package io.oplog.server.relay;

import static io.oplog.testkit.Operations.delete;
import static io.oplog.testkit.Operations.insert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.oplog.client.ConnectionListener;
import io.oplog.client.Endpoint;
import io.oplog.client.IngestClient;
import io.oplog.client.RefusedException;
import io.oplog.client.RetryPolicy;
import io.oplog.client.StreamClient;
import io.oplog.client.sync.DeleteLimit;
import io.oplog.client.sync.RemoteLog;
import io.oplog.connector.oplog.OplogSink;
import io.oplog.connector.oplog.Reconciliation;
import io.oplog.core.memory.MemoryStore;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Scan;
import io.oplog.core.relay.Sink;
import io.oplog.core.relay.UnusableException;
import io.oplog.core.store.LogPage;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.OperationLimits;
import io.oplog.server.OplogServer;
import io.oplog.server.ServerOptions;
import io.oplog.server.http.HttpLimits;
import io.oplog.server.http.HttpOptions;
import io.oplog.testkit.ReadEvent;
import io.oplog.testkit.relay.ExclusiveSinkContract;
import io.oplog.testkit.relay.ListedScan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OplogSinkTest extends ExclusiveSinkContract<Operation> {
  private static final int MOST_BODY = 20_000;

  @TempDir private Path scratch;

  /** Of what reconciling may delete. */
  private Optional<DeleteLimit> limit = Optional.empty();

  private Set<String> types = Set.of();

  private final MemoryStore store = new MemoryStore();
  private final OplogServer server = start();

  private OplogServer start() {
    HttpOptions defaults = HttpOptions.defaults();
    try {
      return OplogServer.start(
          ServerOptions.defaults()
              .withAddress("127.0.0.1", 0)
              .withHttp(
                  defaults
                      .withPasswords(null, "w")
                      .withLimits(limits(defaults.limits()))
                      .withOperations(new OperationLimits(65_507, 255, 10, 1000, 4096, 64))),
          store);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpLimits limits(HttpLimits usual) {
    return new HttpLimits(
        usual.maxConnections(),
        usual.maxRequestLineBytes(),
        usual.maxHeadBytes(),
        MOST_BODY,
        usual.maxBufferedBytes(),
        usual.maxFilterBytes(),
        usual.maxPipelined(),
        usual.headTimeout(),
        usual.bodyTimeout(),
        usual.idleTimeout(),
        usual.writeTimeout(),
        usual.lingerTimeout());
  }

  @AfterEach
  void closeServer() {
    server.close();
    store.close();
  }

  @Override
  protected Sink<Operation> open() {
    return open("w");
  }

  private Sink<Operation> open(String password) {
    Endpoint endpoint = Endpoint.of("http://127.0.0.1:" + server.port()).withPassword(password);
    IngestClient ingest = new IngestClient(endpoint, RetryPolicy.BRIEF, ConnectionListener.SILENT);
    RemoteLog log = new RemoteLog(new StreamClient(endpoint), ingest, Duration.ofSeconds(30));
    return new OplogSink(ingest, new Reconciliation(log, types, limit, scratch));
  }

  @Override
  protected Operation change(String id) {
    return insert("video", id);
  }

  @Override
  protected List<String> stored() throws Exception {
    LogPage.Read page = (LogPage.Read) store.readLog(0, 64 << 20);
    return ReadEvent.of(page.frames()).stream()
        .map(event -> event.object().substring("video/".length()))
        .toList();
  }

  @Test
  void whatTheServerNeverTakesIsLeftOutAndTold() throws Exception {
    Operation tooLong = insert("video", "a-very-long-id");
    List<Operation> some = List.of(tooLong, insert("video", "a"), tooLong, insert("video", "b"));
    Sink.Receipt receipt = open().put("s", Optional.empty(), new Batch<>(some, "p1"));
    assertThat(((Sink.Stored) receipt).refused())
        .hasSize(2)
        .allMatch(refusal -> refusal.object().equals("video/a-very-long-id"))
        .allMatch(refusal -> refusal.reason().contains("id"));
    assertThat(stored()).containsExactly("a", "b");
    receipt = open().put("s", Optional.of("p1"), new Batch<>(List.of(tooLong), "p2"));
    assertThat(((Sink.Stored) receipt).refused()).hasSize(1);
    assertThat(open().position("s")).contains("p2");
  }

  @Test
  void aBatchLongerThanABodyMayBeIsNotStored() throws Exception {
    List<Operation> many =
        IntStream.range(0, 1000).mapToObj(i -> insert("video", "v" + i)).toList();
    assertThat(open().put("s", Optional.empty(), new Batch<>(many, "p1")))
        .isEqualTo(new Sink.TooLong());
    assertThat(open().position("s")).isEmpty();
    String[] parents =
        IntStream.range(0, 60).mapToObj(i -> "p/" + "x".repeat(500)).toArray(String[]::new);
    Operation one = insert("video", "large", parents);
    Sink.Receipt receipt = open().put("s", Optional.empty(), new Batch<>(List.of(one), "p1"));
    assertThat(((Sink.Stored) receipt).refused()).hasSize(1);
  }

  @Test
  void whatTheScanLacksIsDeletedAndWhatItHasNewlyIsInserted() throws Exception {
    types = Set.of("video");
    putAll(insert("video", "a"), insert("video", "gone"));
    reconcile(
        insert("video", "a"), insert("video", "b"), delete("video", "b"), insert("video", "c"));
    assertThat(told()).containsExactlyInAnyOrder("delete video/gone", "insert video/c");
    assertThat(open().position("s")).contains("p2");
  }

  /** As by a clock that is ahead, or a field that an application sets. */
  @Test
  void whatIsGoneIsDeletedThoughItsTimeLiesInTheFuture() throws Exception {
    types = Set.of("video");
    long inAnHour = System.currentTimeMillis() + 3_600_000;
    putAll(new Operation(OperationKind.INSERT, "video", "gone", List.of(), inAnHour));
    reconcile(insert("video", "a"));
    assertThat(told(1)).containsExactlyInAnyOrder("delete video/gone", "insert video/a");
  }

  @Test
  void moreDeletionsThanTheLimitAreNotSentAndThePositionStays() throws Exception {
    putAll(insert("video", "a"), insert("video", "gone"));
    limit = Optional.of(DeleteLimit.parse("0"));
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(() -> reconcile(insert("video", "a")))
        .withMessageContaining("--max-deletes");
    assertThat(open().position("s")).contains("p1");
    assertThat(told()).isEmpty();
  }

  @Test
  void whereTypesAreNotKnownAlmostNothingIsDeleted() throws Exception {
    putAll(insert("video", "a"), insert("sensor", "of-others"));
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(() -> reconcile(insert("video", "a")))
        .withMessageContaining("constant types");
    assertThat(told()).isEmpty();
  }

  /** They are of others, until it is said that they are not. */
  @Test
  void theFirstTimeAlmostNothingIsDeleted() throws Exception {
    putAll(insert("video", "of-others"));
    Scan<Operation> scan = new ListedScan<>(List.of(change("a")), "p2");
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(() -> open().reconcile("another", Optional.empty(), scan, "a test"))
        .withMessageContaining("--max-deletes");
    types = Set.of("user");
    open().reconcile("another", Optional.empty(), scan, "a test");
    assertThat(open().position("another")).contains("p2");
  }

  @Test
  void typesThatOthersSendAreLeftAlone() throws Exception {
    putAll(insert("video", "gone"), insert("user", "of-others"));
    types = Set.of("video");
    reconcile(insert("user", "not-ours"), insert("video", "a"));
    assertThat(told()).containsExactlyInAnyOrder("delete video/gone", "insert video/a");
  }

  private void putAll(Operation... operations) throws Exception {
    open().put("s", Optional.empty(), new Batch<>(List.of(operations), "p1"));
  }

  private void reconcile(Operation... existing) throws Exception {
    Scan<Operation> scan = new ListedScan<>(List.of(existing), "p2");
    open().reconcile("s", Optional.of("p1"), scan, "a test");
  }

  /** What followed the first two operations. */
  private List<String> told() throws Exception {
    return told(2);
  }

  private List<String> told(int after) throws Exception {
    LogPage.Read page = (LogPage.Read) store.readLog(0, 64 << 20);
    return ReadEvent.of(page.frames()).stream()
        .map(event -> event.kind().wireName() + " " + event.object())
        .skip(after)
        .toList();
  }

  @Test
  void aWrongPasswordIsNoOperationsFault() {
    Batch<Operation> batch = new Batch<>(List.of(insert("video", "a")), "p1");
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> open("x").put("s", Optional.empty(), batch));
  }
}
