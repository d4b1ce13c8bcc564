package io.oplog.server.relay;

import static io.oplog.testkit.Operations.insert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.oplog.client.ConnectionListener;
import io.oplog.client.Endpoint;
import io.oplog.client.IngestClient;
import io.oplog.client.RetryPolicy;
import io.oplog.client.StreamClient;
import io.oplog.client.UnavailableException;
import io.oplog.connector.oplog.OplogSource;
import io.oplog.core.memory.MemoryStore;
import io.oplog.core.relay.Batch;
import io.oplog.core.relay.PositionLostException;
import io.oplog.core.relay.Source;
import io.oplog.core.relay.Start;
import io.oplog.core.relay.UnusableException;
import io.oplog.protocol.Filter;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLines;
import io.oplog.server.OplogServer;
import io.oplog.server.ServerOptions;
import io.oplog.server.http.HttpOptions;
import io.oplog.testkit.relay.SourceContract;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OplogSourceTest extends SourceContract<Operation> {
  private final MemoryStore store = new MemoryStore();
  private final OplogServer server = start();

  private OplogServer start() {
    try {
      return OplogServer.start(
          ServerOptions.defaults()
              .withAddress("127.0.0.1", 0)
              .withHttp(HttpOptions.defaults().withPasswords("r", null)),
          store);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void closeServer() {
    server.close();
    store.close();
  }

  private Endpoint endpoint(String password) {
    return Endpoint.of("http://127.0.0.1:" + server.port()).withPassword(password);
  }

  @Override
  protected Source<Operation> open() {
    return open("r", Filter.ALL);
  }

  private Source<Operation> open(String password, Filter filter) {
    StreamClient streams =
        new StreamClient(
            endpoint(password),
            RetryPolicy.BRIEF,
            StreamClient.DEFAULT_SILENCE,
            ConnectionListener.SILENT);
    return new OplogSource(streams, filter, "a test");
  }

  @Override
  protected void produce(String... ids) throws Exception {
    for (String id : ids) {
      publish(insert("video", id));
    }
  }

  private void publish(Operation operation) throws Exception {
    IngestClient.Receipt receipt =
        new IngestClient(endpoint("r"), RetryPolicy.BRIEF, ConnectionListener.SILENT)
            .publish(OperationLines.of(List.of(operation)), Optional.empty());
    assertThat(receipt).isInstanceOf(IngestClient.Stored.class);
  }

  @Override
  protected String id(Operation change) {
    return change.id();
  }

  @Test
  void aPositionThatTheServerAnswersWithAResetIsLost() throws Exception {
    produce("a", "b");
    Source<Operation> source = open();
    Optional<String> foreign = Optional.of("6920c0de7777000000000001");
    assertThat(source.seek(foreign)).isInstanceOf(Start.Resumed.class);
    assertThatExceptionOfType(PositionLostException.class)
        .isThrownBy(() -> source.next(1 << 20, Duration.ofSeconds(30)))
        .withMessageContaining("reset");
    assertThat(source.seek(foreign)).isInstanceOf(Start.Lost.class);
  }

  @Test
  void onlyWhatTheFilterLetsThroughIsReadAndThePositionMovesOnWithTheOthers() throws Exception {
    Source<Operation> source = open("r", new Filter(Set.of("video"), Set.of()));
    Start.Lost<Operation> start = (Start.Lost<Operation>) source.seek(Optional.empty());
    source.seek(Optional.of(start.scan().skip()));
    publish(insert("user", "u1"));
    produce("a");
    List<Operation> read = List.of();
    while (read.isEmpty()) {
      read = source.next(1 << 20, Duration.ofSeconds(30)).map(Batch::changes).orElseThrow();
    }
    assertThat(read).extracting(Operation::id).containsExactly("a");
  }

  @Test
  void aWrongPasswordIsForTheOperatorToMend() {
    assertThatExceptionOfType(UnusableException.class)
        .isThrownBy(() -> open("x", Filter.ALL).check())
        .withMessageContaining("password");
  }

  /** That nothing is there is only known of one that has answered. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerThatDoesNotAnswerHasNotNothingToTell(boolean isListening) throws Exception {
    ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    if (!isListening) {
      silent.close();
    }
    StreamClient streams =
        new StreamClient(
            Endpoint.of("http://127.0.0.1:" + silent.getLocalPort()),
            RetryPolicy.BRIEF.givingUpAfter(Duration.ofMillis(200)),
            StreamClient.DEFAULT_SILENCE,
            ConnectionListener.SILENT);
    try (silent;
        Source<Operation> source = new OplogSource(streams, Filter.ALL, "a test")) {
      assertThat(source.seek(Optional.of("6920c0de0001000000000001")))
          .isInstanceOf(Start.Resumed.class);
      assertThatExceptionOfType(UnavailableException.class)
          .isThrownBy(() -> source.next(1000, Duration.ofMillis(10)));
    }
  }
}
