package io.oplog.connector.lines;

import io.oplog.core.relay.Batch;
import io.oplog.core.relay.Scan;
import io.oplog.core.relay.Sink;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLines;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes operations as lines of JSON, as producers send them. Everything that a source has stands
 * between a line with the event {@code reset} and one with {@code live}. What is written again
 * after a crash is the lines after the last position that was kept.
 */
public final class LineSink implements Sink<Operation> {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int FLUSH_BYTES = 1 << 16;

  private final OutputStream out;
  private final LinePositions positions;
  private final boolean fromNow;
  private final Consumer<IOException> broken;
  private final OperationLines lines = new OperationLines();

  /**
   * @param out stays open
   * @param fromNow whether a first run begins with what changes, and not with what exists
   * @param broken hears why nothing can be written any more
   */
  public LineSink(
      OutputStream out, LinePositions positions, boolean fromNow, Consumer<IOException> broken) {
    this.out = out;
    this.positions = positions;
    this.fromNow = fromNow;
    this.broken = broken;
  }

  @Override
  public Optional<String> position(String source) {
    return positions.of(source);
  }

  @Override
  public Receipt put(String source, Optional<String> from, Batch<Operation> batch)
      throws IOException {
    Optional<String> stored = positions.of(source);
    if (!stored.equals(from)) {
      return stored.equals(Optional.of(batch.to())) ? new Stored(List.of()) : new Elsewhere();
    }
    batch.changes().forEach(lines::addOperation);
    flush();
    positions.reached(source, batch.to());
    return new Stored(List.of());
  }

  @Override
  public Receipt reconcile(
      String source, Optional<String> from, Scan<Operation> scan, String reason)
      throws IOException, InterruptedException {
    positions.reached(source, fromNow && from.isEmpty() ? scan.skip() : written(scan, reason));
    return new Stored(List.of());
  }

  private String written(Scan<Operation> scan, String reason)
      throws IOException, InterruptedException {
    lines.clear(); // what an attempt that failed has left
    Writing writing = new Writing(reason);
    String position = scan.read(writing);
    writing.begin();
    flush();
    writeControl("live", "");
    return position;
  }

  /** Writes what a scan tells, and nothing as long as that is nothing. */
  private final class Writing implements Scan.Taker<Operation> {
    private final String reason;
    private boolean isBegun;

    Writing(String reason) {
      this.reason = reason;
    }

    void begin() throws IOException {
      if (!isBegun) {
        writeControl("reset", reason);
        isBegun = true;
      }
    }

    @Override
    public void take(Operation state) throws IOException {
      begin();
      lines.addOperation(state);
      if (lines.length() > FLUSH_BYTES) {
        flush();
      }
    }

    @Override
    public void restart() throws IOException {
      flush();
      isBegun = false;
    }
  }

  private void writeControl(String event, String reason) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      json.writeStringProperty("event", event);
      if (!reason.isEmpty()) {
        json.writeStringProperty("reason", reason);
      }
      json.writeEndObject();
    }
    line.write('\n');
    write(line.toByteArray(), line.size());
  }

  private void flush() throws IOException {
    write(lines.bytes(), lines.length());
    lines.clear();
  }

  private void write(byte[] bytes, int length) throws IOException {
    try {
      out.write(bytes, 0, length);
      out.flush();
    } catch (IOException e) {
      broken.accept(e);
      throw e;
    }
  }

  /** Whether something can be written is seen when it is. */
  @Override
  public void check() {}

  @Override
  public void close() {}
}
