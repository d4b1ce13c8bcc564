package io.oplog.server.command;

import io.oplog.client.MalformedStreamException;
import io.oplog.client.ReconnectingStream;
import io.oplog.protocol.OperationKind;
import io.oplog.protocol.SseEvent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Prints a stream. Lines are flushed when no other is there, and only then does their position
 * count as printed.
 */
final class EventPrinter {
  private static final String LIVE = "live";
  private static final String RESET = "reset";

  private final ReconnectingStream stream;
  private final LineFormat format;
  private final OutputStream out;
  private final PositionFile position;

  /** After the last event whose line, if it has one, was handed to the output. */
  private String printed;

  EventPrinter(
      ReconnectingStream stream, LineFormat format, OutputStream out, PositionFile position) {
    this.stream = stream;
    this.format = format;
    this.out = new BufferedOutputStream(out, 1 << 16);
    this.position = position;
    this.printed = stream.lastEventId();
  }

  /** What was written since the last flush is lost, or a part of it. */
  private static final class OutputException extends IOException {
    private static final long serialVersionUID = 1L;

    OutputException(IOException cause) {
      super("cannot write the output: " + cause.getMessage(), cause);
    }

    /** The reader of the output wants no more, as {@code head} does. */
    boolean isUnwanted() {
      return String.valueOf(getMessage()).contains("Broken pipe");
    }
  }

  /**
   * Prints until the stream or the output ends.
   *
   * @param count operations to end after; 0 for no end
   */
  void run(long count, boolean exitAtLive) throws IOException, InterruptedException {
    try {
      printAndFlush(count, exitAtLive);
    } catch (OutputException e) {
      if (!e.isUnwanted()) {
        throw e;
      }
    }
  }

  /** However the stream ends, the lines before its end are flushed. */
  private void printAndFlush(long count, boolean exitAtLive)
      throws IOException, InterruptedException {
    try {
      print(count, exitAtLive);
    } catch (OutputException e) {
      throw e;
    } catch (IOException e) {
      flush();
      if (!stream.isClosed()) {
        throw e;
      }
    }
  }

  private void print(long count, boolean exitAtLive) throws IOException, InterruptedException {
    long changes = 0;
    boolean more = true;
    while (more) {
      SseEvent event = stream.nextRaw();
      print(event);
      printed = stream.lastEventId();
      changes += OperationKind.ofWireName(event.type()) == null ? 0 : 1;
      more = !(exitAtLive && event.type().equals(LIVE)) && (count == 0 || changes < count);
      if (!more || !stream.hasNextNow()) {
        flush();
      }
    }
  }

  private void print(SseEvent event) throws IOException {
    if (!isPrinted(event.type())) {
      return;
    }
    byte[] line = (line(event) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      out.write(line);
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  private String line(SseEvent event) throws MalformedStreamException {
    try {
      return format.line(event);
    } catch (IllegalArgumentException e) {
      throw stream.malformed(event, e);
    }
  }

  private static boolean isPrinted(String type) {
    return type.equals(LIVE) || type.equals(RESET) || OperationKind.ofWireName(type) != null;
  }

  private void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw new OutputException(e);
    }
    position.reached(printed);
  }
}
