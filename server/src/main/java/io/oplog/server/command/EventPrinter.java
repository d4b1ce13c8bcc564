package io.oplog.server.command;

import io.oplog.client.EventStream;
import io.oplog.protocol.SseEvent;
import io.oplog.protocol.StreamEvent;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Prints a stream. Lines are flushed when no other is there, and only then does their position
 * count as printed.
 */
final class EventPrinter {
  private final EventStream stream;
  private final LineFormat format;
  private final OutputStream out;
  private final PositionFile position;

  EventPrinter(EventStream stream, LineFormat format, OutputStream out, PositionFile position) {
    this.stream = stream;
    this.format = format;
    this.out = new BufferedOutputStream(out, 1 << 16);
    this.position = position;
  }

  /** The reader of the output wants no more, as {@code head} does. */
  private static final class BrokenPipeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Prints until the stream or the output ends.
   *
   * @param count operations to end after; 0 for no end
   */
  void run(long count, boolean exitAtLive) throws IOException, InterruptedException {
    try {
      print(count, exitAtLive);
    } catch (BrokenPipeException e) {
      return;
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
      SseEvent raw = stream.nextRaw();
      StreamEvent event = EventStream.decode(raw);
      print(raw, event);
      changes += event instanceof StreamEvent.Change ? 1 : 0;
      more = !(exitAtLive && event instanceof StreamEvent.Live) && (count == 0 || changes < count);
      if (!more || !stream.hasNextNow()) {
        flush();
      }
    }
  }

  private void print(SseEvent raw, StreamEvent event) throws IOException {
    if (event instanceof StreamEvent.Progress || event instanceof StreamEvent.Unknown) {
      return;
    }
    byte[] line = (format.line(raw, event) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      out.write(line);
    } catch (IOException e) {
      throw outputFailure(e);
    }
  }

  private void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw outputFailure(e);
    }
    position.reached(stream.lastEventId());
  }

  private static IOException outputFailure(IOException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("Broken pipe")
        ? new BrokenPipeException()
        : new IOException("cannot write the output: " + message, e);
  }
}
