package io.oplog.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A socket that sends exactly the bytes it is told, and reads answers and events by hand. */
final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket = new Socket();
  private final InputStream in;
  private final OutputStream out;

  /** An answer; header names are lower case. */
  record Response(int status, Map<String, List<String>> headers, String body) {
    String header(String name) {
      return String.join(", ", headers.getOrDefault(name, List.of()));
    }

    boolean has(String name) {
      return headers.containsKey(name);
    }
  }

  /** A block of a stream, as its lines. */
  record Event(String id, String event, String data) {}

  RawClient(int port) throws IOException {
    this(port, 0);
  }

  /**
   * Connects.
   *
   * @param receiveBuffer bytes the kernel may hold for us; 0 leaves it as it is
   */
  RawClient(int port, int receiveBuffer) throws IOException {
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    in = new BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  static String post(String json) {
    return post("application/json", json, "");
  }

  static String post(String contentType, String body, String headers) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    return "POST /ops HTTP/1.1\r\nHost: x\r\nContent-Type: "
        + contentType
        + "\r\nContent-Length: "
        + length
        + "\r\n"
        + headers
        + "\r\n"
        + body;
  }

  static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  RawClient send(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
    return this;
  }

  /** Says that no more will be sent. */
  void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Closes so that the other side sees a reset. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  Response response() throws IOException {
    Response head = head();
    int length = head.has("content-length") ? Integer.parseInt(head.header("content-length")) : 0;
    return new Response(head.status(), head.headers(), text(length));
  }

  /** The answer's head alone. */
  Response head() throws IOException {
    String statusLine = line();
    Map<String, List<String>> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return new Response(Integer.parseInt(statusLine.split(" ", 3)[1]), headers, "");
  }

  /** The next line of an answer's head. */
  String line() throws IOException {
    String line = rawLine();
    if (!line.endsWith("\r")) {
      throw new IOException("not an HTTP line: " + line);
    }
    return line.substring(0, line.length() - 1);
  }

  /** The next line, without its LF. */
  String rawLine() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("after " + bytes.toString(StandardCharsets.UTF_8));
      }
      bytes.write(b);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private String text(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException(bytes.length + " of " + length);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The next event, past heartbeats. */
  Event event() throws IOException {
    String id = "";
    String event = "";
    String data = "";
    for (String line = rawLine(); !line.isEmpty(); line = rawLine()) {
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("event: ")) {
        event = line.substring(7);
      } else if (line.startsWith("data: ")) {
        data = line.substring(6);
      } else if (!line.equals(":")) {
        throw new IOException("not a line of an event: " + line);
      }
    }
    return new Event(id, event, data);
  }

  /** Whether the server has ended the connection, having read all that came before. */
  boolean atEnd() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true; // reset
    }
  }

  /** Everything until the end. */
  String rest() throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
