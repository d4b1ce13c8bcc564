package io.oplog.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.core.engine.EngineOptions;
import io.oplog.core.engine.IngestCounts;
import io.oplog.core.store.StoreException;
import io.oplog.server.net.Transport;
import io.oplog.server.udp.UdpOptions;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Operations that come as datagrams, never answered. */
class UdpTest {
  private static final int MAX_PAYLOAD = 65_507;
  private static final String ONE = "{\"event\":\"insert\",\"type\":\"video\",\"id\":\"x1\"}";
  private static final String TWO = "{\"event\":\"delete\",\"type\":\"video\",\"id\":\"x2\"}";

  private static void send(TestServer server, byte[]... datagrams) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      for (byte[] bytes : datagrams) {
        socket.send(
            new DatagramPacket(
                bytes, bytes.length, InetAddress.getLoopbackAddress(), server.port()));
      }
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static IngestCounts counts(TestServer server) {
    return server.server().snapshot().ingest();
  }

  private static void awaitCounts(TestServer server, long ingested, long errors) {
    Awaitility.await()
        .untilAsserted(() -> {
          IngestCounts counts = counts(server);
          assertThat(counts.ingested()).as("ingested").isEqualTo(ingested);
          assertThat(counts.error()).as("errors").isEqualTo(errors);
          assertThat(counts.received()).isEqualTo(ingested + errors);
        });
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aDatagramIsStoredAndStreamed(Transport transport) throws IOException {
    try (TestServer server = TestServer.start(options -> options.withTransport(transport));
        RawClient stream = server.stream("/")) {
      send(server, utf8(ONE));
      assertThat(stream.event().data()).contains("\"id\":\"x1\"");
    }
  }

  @Test
  void aDatagramMayHoldOneOperationOverSeveralLines() throws IOException {
    try (TestServer server = TestServer.start()) {
      send(server, utf8(ONE.replace(",", ",\n")));
      awaitCounts(server, 1, 0);
    }
  }

  @Test
  void aBadLineDoesNotHarmItsNeighbours() throws IOException {
    try (TestServer server = TestServer.start()) {
      send(server, utf8(ONE + "\nnonsense\n\n" + TWO + "\r\n"));
      awaitCounts(server, 2, 1);
    }
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aBadDatagramDoesNotHarmItsNeighbours(Transport transport) throws IOException {
    try (TestServer server = TestServer.start(options -> options.withTransport(transport))) {
      send(
          server,
          utf8(ONE),
          new byte[0],
          utf8("nonsense"),
          new byte[] {(byte) 0xff, (byte) 0xfe, 0},
          utf8("{\"event\":\"insert\",\"type\":\"a\\u0000b\",\"id\":\"x\"}"),
          utf8("[".repeat(30_000)),
          utf8(TWO));
      awaitCounts(server, 2, 5);
    }
  }

  /** The original truncated datagrams at 1,024 bytes. */
  @ParameterizedTest
  @EnumSource(Transport.class)
  void aDatagramOf64KilobytesIsTakenWhole(Transport transport) throws IOException {
    try (TestServer server = TestServer.start(options -> options.withTransport(transport))) {
      String parents = Collections.nCopies(15, '"' + "p".repeat(4000) + '"').toString();
      String json = ONE.replace("{", "{\"parents\":" + parents + ",");
      String padded = json + " ".repeat(MAX_PAYLOAD - json.length());
      send(server, utf8(padded), utf8(padded));
      awaitCounts(server, 2, 0);
    }
  }

  @Test
  void manyDatagramsAreAllStored() throws IOException {
    try (TestServer server = TestServer.start()) {
      int datagrams = 2000;
      for (int i = 0; i < datagrams; i += 100) {
        byte[][] some = new byte[100][];
        for (int j = 0; j < 100; j++) {
          some[j] = utf8(ONE.replace("x1", "x" + (i + j)));
        }
        send(server, some);
      }
      awaitCounts(server, datagrams, 0);
      assertThat(server.server().snapshot().udp().datagrams()).isEqualTo(datagrams);
    }
  }

  @Test
  void aFullQueueDiscardsAndCounts() throws IOException {
    try (TestServer server =
        TestServer.start(
            new HeldStore(),
            options -> options.withEngine(EngineOptions.defaults().withQueue(1, 1 << 20)))) {
      send(server, utf8(ONE));
      Awaitility.await().until(() -> counts(server).queued() == 1);
      send(server, utf8(ONE + "\n" + TWO));
      Awaitility.await().until(() -> counts(server).queueFull() == 2);
      assertThat(counts(server).received()).isEqualTo(3);
      HeldStore.release(server);
      Awaitility.await().until(() -> counts(server).ingested() == 1);
    }
  }

  private static HeldStore failing(StoreException cause) {
    HeldStore store = new HeldStore();
    store.release();
    store.fail(cause);
    return store;
  }

  private static StoreException full() {
    return new StoreException.Unavailable("the disk is full", new IOException("full"));
  }

  @Test
  void whatAStoreRefusesForGoodIsDiscardedAndCounted() throws IOException {
    HeldStore store = failing(new StoreException("the store is closed"));
    try (TestServer server = TestServer.start(store, options -> options)) {
      send(server, utf8(ONE));
      Awaitility.await().until(() -> counts(server).storeDown() == 1);
      store.fail(null);
      send(server, utf8(ONE));
      Awaitility.await().until(() -> counts(server).ingested() == 1);
    }
  }

  @Test
  void datagramsWaitWhileTheStoreIsUnavailableAndProducersOverHttpDoNot() throws IOException {
    HeldStore store = failing(full());
    try (TestServer server = TestServer.start(store, options -> options)) {
      send(server, utf8(ONE + "\n" + TWO));
      Awaitility.await().until(() -> counts(server).queued() == 2);
      assertThat(server.exchange(RawClient.post(ONE)).status()).isEqualTo(503);
      assertThat(counts(server).storeDown()).isOne();
      assertThat(counts(server).queued()).isEqualTo(2);
      store.fail(null);
      Awaitility.await().until(() -> counts(server).ingested() == 2);
      assertThat(counts(server).received()).isEqualTo(3);
    }
  }

  @Test
  void datagramsForWhichTheQueueHasNoRoomMeanwhileAreCounted() throws IOException {
    HeldStore store = failing(full());
    try (TestServer server =
        TestServer.start(
            store, options -> options.withEngine(EngineOptions.defaults().withQueue(2, 1 << 20)))) {
      send(server, utf8(ONE + "\n" + TWO));
      Awaitility.await().until(() -> counts(server).queued() == 2);
      send(server, utf8(ONE));
      Awaitility.await().until(() -> counts(server).queueFull() == 1);
      store.fail(null);
      Awaitility.await().until(() -> counts(server).ingested() == 2);
      assertThat(counts(server).storeDown()).isZero();
    }
  }

  @Test
  void aStopDoesNotWaitForAStoreThatIsUnavailableAndCountsWhatIsLost() throws IOException {
    HeldStore store = failing(full());
    TestServer server = TestServer.start(store, options -> options);
    try (server) {
      send(server, utf8(ONE));
      Awaitility.await().until(() -> counts(server).queued() == 1);
    }
    assertThat(counts(server).storeDown()).isOne();
    assertThat(counts(server).queued()).isZero();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void theKernelsOwnDropsAreShown() throws IOException {
    try (TestServer server =
        TestServer.start(
            options -> options.withUdp(UdpOptions.defaults().withReceiveBufferBytes(4096)))) {
      byte[] datagram = utf8(ONE + " ".repeat(2000));
      Awaitility.await()
          .until(() -> {
            byte[][] flood = new byte[2000][];
            Arrays.fill(flood, datagram);
            send(server, flood);
            return server.server().snapshot().udp().kernelDrops() > 0;
          });
      assertThat(server.exchange(RawClient.get("/status")).body())
          .containsPattern("\"kernel_drops\":[1-9]");
    }
  }

  @Test
  void datagramsCanBeSwitchedOff() throws IOException {
    try (TestServer server =
            TestServer.start(options -> options.withUdp(UdpOptions.defaults().withEnabled(false)));
        DatagramSocket socket = new DatagramSocket()) {
      socket.connect(InetAddress.getLoopbackAddress(), server.port());
      socket.setSoTimeout(20_000);
      byte[] datagram = utf8(ONE);
      socket.send(new DatagramPacket(datagram, datagram.length));
      DatagramPacket never = new DatagramPacket(new byte[1], 1);
      assertThatThrownBy(() -> socket.receive(never)).isInstanceOf(PortUnreachableException.class);
      server.post(ONE);
      assertThat(counts(server).received()).isEqualTo(1);
      assertThat(server.server().snapshot().udp().datagrams()).isZero();
    }
  }
}
