package io.oplog.server.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.oplog.client.Endpoint;
import io.oplog.client.MalformedStreamException;
import io.oplog.client.ReconnectingStream;
import io.oplog.client.StreamClient;
import io.oplog.protocol.Filter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The position counts what was printed, and nothing else. */
@Timeout(30)
class EventPrinterTest {
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

  private void print(String events, LineFormat format, OutputStream out) throws Exception {
    try (ForeignServer server = ForeignServer.streaming(events);
        PositionFile position = PositionFile.open(folder.resolve("position"));
        ReconnectingStream stream =
            new StreamClient(Endpoint.of(server.url())).reconnecting(Filter.ALL, "0")) {
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "data:",
        "data: {",
        "data: {}}",
        "data: {} {}",
        "data: []",
        "data: {\"event\":\"insert\"}",
        "data: {\"event_id\":\"x\"}",
        "data: {\"a\":\"\ndata: \"}"
      })
  void dataThatAreNoJsonObjectAreToldAndNotPrinted(String data) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String bad = "id: " + id(2) + "\nevent: live\n" + data + "\n\n";
    assertThatThrownBy(() -> print(insert(1, "a") + bad + insert(3, "b"), LineFormat.JSON, out))
        .isInstanceOf(MalformedStreamException.class)
        .hasMessageStartingWith("http://127.0.0.1:")
        .hasMessageContaining(" sent what is not an event of ours: ")
        .hasMessageContaining(data.substring(5).split("\n", -1)[0].strip());
    assertThat(out.toString(UTF_8).lines()).hasSize(1);
    assertThat(folder.resolve("position")).hasContent(id(1));
  }

  @Test
  void jsonOverSeveralLinesIsPrintedOnOne() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String live = "id: " + id(2) + "\nevent: live\ndata: {\"a\":\ndata: \"\u009b\u2028\" }\n\n";
    print(live + insert(3, "b") + insert(4, "c"), LineFormat.JSON, out);
    assertThat(out.toString(UTF_8).lines())
        .hasSize(3)
        .startsWith(
            "{\"event\":\"live\",\"event_id\":\"" + id(2) + "\",\"a\": \"\\u009b\\u2028\" }");
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
