package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class UdpPublisherTest {
  @Test
  void wholeLinesAreSentAsManyAsFit() throws Exception {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        UdpPublisher publisher =
            new UdpPublisher((InetSocketAddress) server.getLocalSocketAddress())) {
      String small = "s".repeat(600) + "\n";
      String large = "L".repeat(5000) + "\n";
      String lines = small + small + small + large + small;
      assertThat(publisher.send(lines.getBytes(StandardCharsets.UTF_8))).isEqualTo(4);
      assertThat(receive(server)).isEqualTo(small + small);
      assertThat(receive(server)).isEqualTo(small);
      assertThat(receive(server)).isEqualTo(large);
      assertThat(receive(server)).isEqualTo(small);
    }
  }

  private static String receive(DatagramSocket server) throws Exception {
    DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
    server.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }
}
