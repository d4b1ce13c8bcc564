package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.protocol.Operation;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
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

  @Test
  void aThreadThatIsInterruptedDoesNotCloseIt() throws Exception {
    try (DatagramSocket server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        UdpPublisher publisher =
            new UdpPublisher((InetSocketAddress) server.getLocalSocketAddress())) {
      Thread.currentThread().interrupt();
      publisher.publish(Operation.insert("video", "x1"));
      assertThat(Thread.interrupted()).isTrue();
      publisher.publish(Operation.insert("video", "x2"));
      assertThat(receive(server)).contains("x1");
      assertThat(receive(server)).contains("x2");
    }
  }

  @Test
  void aHostThatIsNoneIsNamed() {
    InetSocketAddress nowhere = InetSocketAddress.createUnresolved("nowhere.invalid", 8042);
    assertThatThrownBy(() -> new UdpPublisher(nowhere))
        .isInstanceOf(UnknownHostException.class)
        .hasMessage("no such host: nowhere.invalid");
  }
}
