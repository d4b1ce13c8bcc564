package io.oplog.server.crash;

import io.oplog.protocol.SseException;
import io.oplog.protocol.SseParser;
import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;

/** A stream of events from the server. Thread-confined, but for {@link #close}. */
final class Stream implements AutoCloseable {
  private final Wire wire;
  private final SseParser parser = new SseParser();
  private final Queue<StreamEvent> ready = new ArrayDeque<>();
  private final byte[] chunk = new byte[1 << 14];

  /** The server answered with something other than a stream. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status) {
      super("a stream was refused with " + status);
      this.status = status;
    }

    int status() {
      return status;
    }
  }

  private Stream(Wire wire) {
    this.wire = wire;
  }

  /**
   * Connects and waits for the response head.
   *
   * @param lastEventId where to go on; empty for now
   */
  static Stream open(Access access, String path, String lastEventId) throws IOException {
    Wire wire = access.connect();
    try {
      Map<String, String> position =
          lastEventId.isEmpty() ? Map.of() : Map.of("Last-Event-ID", lastEventId);
      wire.send("GET", path, position, new byte[0]);
      int status = wire.receiveHead().status();
      if (status != 200) {
        throw new Refused(status);
      }
      return new Stream(wire);
    } catch (IOException e) {
      wire.close();
      throw e;
    }
  }

  /**
   * Waits for the next event.
   *
   * @throws IOException when the stream ends
   */
  StreamEvent next() throws IOException {
    while (ready.isEmpty()) {
      int size = wire.body().read(chunk);
      if (size < 0) {
        throw new IOException("the stream ended");
      }
      parse(size);
    }
    return ready.remove();
  }

  private void parse(int size) throws IOException {
    try {
      parser.feed(chunk, 0, size, event -> ready.add(StreamEvent.decode(event)));
    } catch (SseException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    wire.close();
  }
}
