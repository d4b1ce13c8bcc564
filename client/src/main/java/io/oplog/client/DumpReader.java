package io.oplog.client;

import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a dump: one line for each object that exists, of any number. Thread-confined. */
public final class DumpReader {
  /** Longest line. */
  private static final int MAX_LINE_BYTES = 4 * 1024 * 1024;

  /** An input that goes on with blank lines for longer will never end. */
  private static final long MOST_BLANK_BYTES = 16L << 20;

  private static final Pattern LINE = Pattern.compile("line (\\d+)");

  /** How large an object may be is the server's to say. */
  private static final OperationLimits ANY_SIZE =
      new OperationLimits(
          MAX_LINE_BYTES, MAX_LINE_BYTES, MAX_LINE_BYTES, MAX_LINE_BYTES, MAX_LINE_BYTES, 1000);

  private final OperationReader reader = new OperationReader(ANY_SIZE);
  private long objects;

  /** Takes the objects one by one. */
  @FunctionalInterface
  public interface Sink {
    /**
     * The next object.
     *
     * @param line where it stands, counted from 1
     * @param state the object as an insert
     */
    void accept(long line, Operation state) throws IOException;
  }

  /**
   * Reads to the end.
   *
   * @throws BrokenLineException at the first line that does not say how an object is
   * @throws BrokenInputException when the input fails or was cut
   */
  public void read(InputStream ndjson, Sink sink) throws IOException {
    LineBatches batches = new LineBatches(ndjson, Long.MAX_VALUE, MAX_LINE_BYTES);
    long blankBytes = 0;
    for (LineBatch batch = batches.next(); batch != null; batch = batches.next()) {
      long before = objects;
      read(batch, sink);
      blankBytes = objects > before ? 0 : blankBytes + batch.bytes().length;
      if (blankBytes > MOST_BLANK_BYTES) {
        throw new BrokenLineException(
            batch.lastLine(), "more than 16 MiB of blank lines before it");
      }
    }
  }

  private void read(LineBatch batch, Sink sink) throws IOException {
    long before = batch.firstLine() - 1;
    try {
      reader.readStates(
          batch.bytes(),
          0,
          batch.bytes().length,
          (line, state) -> take(sink, before + line, state));
    } catch (InvalidOperationException e) {
      throw new BrokenLineException(before + lineOf(e), e.reason());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void take(Sink sink, long line, Operation state) {
    objects++;
    try {
      sink.accept(line, state);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long lineOf(InvalidOperationException e) {
    Matcher place = LINE.matcher(e.place());
    return place.matches() ? Long.parseLong(place.group(1)) : 1;
  }
}
