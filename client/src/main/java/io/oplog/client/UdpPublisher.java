package io.oplog.client;

import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLines;
import java.io.Closeable;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Sends operations as datagrams, as many whole lines in each as fit. Never answered: what the
 * network or the server drops, the server's status counts. Thread-confined.
 */
public final class UdpPublisher implements Closeable {
  /** What passes an Ethernet in one piece. */
  private static final int DATAGRAM = 1400;

  private static final int LARGEST = 65_507;

  /** Not a channel, which an interrupt closes. */
  private final DatagramSocket socket;

  /**
   * Opens a socket; no packet is sent.
   *
   * @throws UnknownHostException when the address has a name that leads nowhere
   */
  public UdpPublisher(InetSocketAddress server) throws IOException {
    if (server.isUnresolved()) {
      throw new UnknownHostException("no such host: " + server.getHostString());
    }
    socket = new DatagramSocket();
    try {
      socket.connect(server);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Sends an operation.
   *
   * @throws IllegalArgumentException when it has more bytes than a datagram carries
   */
  public void publish(Operation operation) throws IOException {
    byte[] line = OperationLines.of(List.of(operation));
    if (line.length > LARGEST) {
      throw new IllegalArgumentException(
          "an operation of "
              + line.length
              + " bytes is more than the "
              + LARGEST
              + " that a datagram carries: send it over HTTP");
    }
    send(line);
  }

  /**
   * Sends lines, blank ones too; a line longer than others goes alone.
   *
   * @return how many datagrams
   */
  public int send(byte[] lines) throws IOException {
    int datagrams = 0;
    int from = 0;
    while (from < lines.length) {
      int to = datagramEnd(lines, from);
      send(new DatagramPacket(lines, from, to - from));
      from = to;
      datagrams++;
    }
    return datagrams;
  }

  /** A socket tells once that nobody took an earlier datagram, and sends nothing then. */
  private void send(DatagramPacket datagram) throws IOException {
    try {
      socket.send(datagram);
    } catch (PortUnreachableException e) {
      socket.send(datagram);
    }
  }

  private static int datagramEnd(byte[] lines, int from) {
    int to = lineEnd(lines, from);
    int next = to;
    while (next < lines.length && next - from <= DATAGRAM) {
      to = next;
      next = lineEnd(lines, next);
    }
    return next - from <= DATAGRAM ? next : to;
  }

  private static int lineEnd(byte[] lines, int from) {
    int at = from;
    while (at < lines.length && lines[at] != '\n') {
      at++;
    }
    return Math.min(at + 1, lines.length);
  }

  @Override
  public void close() {
    socket.close();
  }
}
