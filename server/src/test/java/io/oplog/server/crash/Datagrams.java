package io.oplog.server.crash;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;

/** A producer over UDP, garbage included: nothing is promised to it, and it must harm nobody. */
final class Datagrams extends Worker {
  private final int port;
  private final Script script;
  private final Ledger ledger;
  private final SplittableRandom random;

  Datagrams(int port, Script script, Ledger ledger, SplittableRandom random) {
    super("datagrams");
    this.port = port;
    this.script = script;
    this.ledger = ledger;
    this.random = random;
  }

  @Override
  void work() throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(InetAddress.getLoopbackAddress(), port);
      while (!stopped()) {
        byte[] bytes = datagram().getBytes(StandardCharsets.UTF_8);
        socket.send(new DatagramPacket(bytes, bytes.length));
        pause(Duration.ofNanos(random.nextInt(4_000_000)));
      }
    }
  }

  private String datagram() {
    if (random.nextInt(20) == 0) {
      return "{\"event\":\"insert\",\"type\":\"video\",";
    }
    Body body = ledger.nextUnanswered(1 + random.nextInt(2));
    String last = script.json(body.last());
    return body.count() == 1 ? last : script.json(body.first()) + '\n' + last;
  }
}
