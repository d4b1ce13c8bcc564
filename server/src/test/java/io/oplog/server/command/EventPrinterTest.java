package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.Endpoint;
import io.oplog.client.EventStream;
import io.oplog.client.MalformedStreamException;
import io.oplog.client.StreamClient;
import io.oplog.protocol.Filter;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The position counts what was printed, and nothing else. */
@Timeout(30)
class EventPrinterTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

  @TempDir Path folder;

  private static String id(int sequence) {
    return String.format("6920c0de0001%012x", sequence);
  }

  private static String insert(int sequence, String id) {
    return event(
        sequence,
        "{\"timestamp\":\"2026-11-22T10:00:00.000Z\",\"parents\":[],\"type\":\"video\",\"id\":\""
            + id
            + "\"}");
  }

  private static String event(int sequence, String data) {
    return "id: " + id(sequence) + "\nevent: insert\ndata: " + data + "\n\n";
  }

  /** Answers one request with events, and leaves the connection open. */
  private static ServerSocket serve(String events) throws IOException {
    ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread _ = Thread.startVirtualThread(() -> answer(listener, events));
    return listener;
  }

  private static void answer(ServerSocket listener, String events) {
    try (Socket socket = listener.accept()) {
      InputStream in = socket.getInputStream();
      BufferedReader request = new BufferedReader(new InputStreamReader(in, UTF_8));
      String line = request.readLine();
      while (line != null && !line.isEmpty()) {
        line = request.readLine();
      }
      socket.getOutputStream().write((HEAD + events).getBytes(UTF_8));
      request.readLine(); // until the client goes
    } catch (IOException e) {
      // it went
    }
  }

  private void print(String events, LineFormat format, OutputStream out) throws Exception {
    try (ServerSocket server = serve(events);
        PositionFile position = PositionFile.open(folder.resolve("position"));
        EventStream stream =
            new StreamClient(Endpoint.of("http://127.0.0.1:" + server.getLocalPort()))
                .follow(Filter.ALL, "0")) {
      new EventPrinter(stream, format, out, position).run(2, false);
    }
  }

  @Test
  void whatWasPrintedCounts() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    print(insert(1, "a") + insert(2, "b") + insert(3, "c"), LineFormat.TEXT, out);
    assertThat(out.toString(UTF_8).lines()).hasSize(2);
    assertThat(folder.resolve("position")).hasContent(id(2));
  }

  @Test
  void anEventThatCannotBeShownDoesNotCount() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThatThrownBy(() -> print(insert(1, "a") + event(2, "{\"type\":1}"), LineFormat.TEXT, out))
        .isInstanceOf(MalformedStreamException.class);
    assertThat(out.toString(UTF_8).lines()).hasSize(1);
    assertThat(folder.resolve("position")).hasContent(id(1));
  }

  @Test
  void aLineThatCouldNotBeWrittenDoesNotCount() {
    FullOnce out = new FullOnce();
    String long2 = insert(2, "b".repeat(100_000)); // more than is buffered
    assertThatThrownBy(() -> print(insert(1, "a") + long2, LineFormat.JSON, out))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot write the output: No space left on device");
    assertThat(out.taken.toString(UTF_8)).doesNotContain("bbb");
    assertThat(folder.resolve("position")).doesNotExist();
  }

  /** A disk that is full at the first write, and has room again at the second. */
  private static final class FullOnce extends OutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private boolean full = true;

    @Override
    public void write(int oneByte) throws IOException {
      write(new byte[] {(byte) oneByte}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (full) {
        full = false;
        throw new IOException("No space left on device");
      }
      taken.write(bytes, from, length);
    }
  }
}
