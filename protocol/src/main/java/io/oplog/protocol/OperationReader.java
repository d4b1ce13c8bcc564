package io.oplog.protocol;

import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/**
 * Reads what producers send. Thread-confined; reuse it, since it keeps its tables warm.
 *
 * <p>The methods that throw may have handed over operations before they do: who reads a body that
 * is all or nothing drops them.
 */
public final class OperationReader {
  private final OperationLimits limits;
  private final Json json;
  private final OperationParser operations;

  public OperationReader(OperationLimits limits) {
    this.limits = limits;
    this.json = new Json(limits.maxDepth() + 2); // ours is met first, and said in our words
    this.operations = new OperationParser(limits);
  }

  /**
   * Reads a datagram: one JSON object, spread over lines or not, or one a line. A bad line does not
   * harm its neighbours.
   *
   * @param receiptMillis the timestamp of operations that bring none, milliseconds since the epoch
   * @param bad hears of each bad line once, or once of the whole
   */
  public void readDatagram(
      byte[] bytes,
      int from,
      int to,
      long receiptMillis,
      OperationSink good,
      Consumer<InvalidOperationException> bad) {
    int start = skipMark(bytes, from, to);
    if (!readWhole(bytes, start, to, receiptMillis, good, bad)) {
      readEachLine(new Lines(bytes, start, to), receiptMillis, good, bad);
    }
  }

  /** Reads a datagram that is one JSON value; false when it is not. */
  private boolean readWhole(
      byte[] bytes,
      int from,
      int to,
      long receiptMillis,
      OperationSink good,
      Consumer<InvalidOperationException> bad) {
    if (to - from > limits.maxOperationBytes()
        || Lines.isBlank(bytes, from, to)
        || Utf8.invalidAt(bytes, from, to) >= 0) {
      return false;
    }
    try (JsonParser parser = json.open(bytes, from, to)) {
      return readRoot(parser, receiptMillis, good, bad);
    } catch (JacksonException e) {
      return false;
    }
  }

  private boolean readRoot(
      JsonParser parser,
      long receiptMillis,
      OperationSink good,
      Consumer<InvalidOperationException> bad) {
    boolean whole;
    try {
      parser.nextToken();
      Operation operation = operations.parse(parser, receiptMillis);
      whole = endsWithRoot(parser);
      if (whole) {
        good.accept(operation);
      }
    } catch (InvalidOperationException e) {
      whole = endsWithRoot(parser);
      if (whole) {
        bad.accept(e.at("datagram", 1));
      }
    }
    return whole;
  }

  /** Whether nothing follows the value that the parser is in, or at whose end it is. */
  private static boolean endsWithRoot(JsonParser parser) {
    while (!parser.streamReadContext().inRoot()) {
      parser.nextToken();
    }
    return parser.nextToken() == null;
  }

  private void readEachLine(
      Lines lines,
      long receiptMillis,
      OperationSink good,
      Consumer<InvalidOperationException> bad) {
    try (LineReader reader = new LineReader(json, operations, lines, limits.maxOperationBytes())) {
      while (lines.next()) {
        try {
          good.accept(reader.read(receiptMillis));
        } catch (InvalidOperationException e) {
          bad.accept(e.at(lines.place(), 1));
        }
      }
    }
    if (lines.count() == 0) {
      bad.accept(new InvalidOperationException("no operation").at("datagram", 1));
    }
  }

  /**
   * Reads a body of one operation a line.
   *
   * @param receiptMillis the timestamp of operations that bring none, milliseconds since the epoch
   * @throws InvalidOperationException at the first bad line, counted from 1 with blank lines, or
   *     when there is no operation at all
   */
  public void readNdjson(byte[] bytes, int from, int to, long receiptMillis, OperationSink good)
      throws InvalidOperationException {
    int start = skipMark(bytes, from, to);
    Lines lines = new Lines(bytes, start, to);
    try (LineReader reader = new LineReader(json, operations, lines, limits.maxOperationBytes())) {
      while (lines.next()) {
        good.accept(reader.read(receiptMillis));
      }
    } catch (InvalidOperationException e) {
      throw e.at(lines.place(), Lines.count(bytes, start, to));
    }
    if (lines.count() == 0) {
      throw new InvalidOperationException("the body holds no operation").at("body", 1);
    }
  }

  /** Takes objects one by one, on the thread that reads them. */
  @FunctionalInterface
  public interface StateSink {
    /**
     * The next object.
     *
     * @param line where it stands, counted from 1 with blank lines
     * @param state the object as an insert
     */
    void accept(long line, Operation state);
  }

  /**
   * Reads lines of which each says how an object is, as the data of an event does: the fields of an
   * operation, without an event or with one that is not a delete, and with a timestamp. No line is
   * none.
   *
   * @throws InvalidOperationException at the first bad line, counted from 1 with blank lines
   */
  public void readStates(byte[] bytes, int from, int to, StateSink good)
      throws InvalidOperationException {
    int start = skipMark(bytes, from, to);
    Lines lines = new Lines(bytes, start, to);
    try (LineReader reader = new LineReader(json, operations, lines, limits.maxOperationBytes())) {
      while (lines.next()) {
        good.accept(lines.number(), reader.readState());
      }
    } catch (InvalidOperationException e) {
      throw e.at(lines.place(), 1);
    }
  }

  /**
   * Reads a body of one JSON object or of an array of them. An empty array gives none.
   *
   * @param receiptMillis the timestamp of operations that bring none, milliseconds since the epoch
   * @throws InvalidOperationException at the first bad element, counted from 1
   */
  public void readJson(byte[] bytes, int from, int to, long receiptMillis, OperationSink good)
      throws InvalidOperationException {
    int start = skipMark(bytes, from, to);
    int invalid = Utf8.invalidAt(bytes, start, to);
    if (invalid >= 0) {
      throw Utf8.refusal(invalid - from).at(Elements.count(json, bytes, start, invalid).place(), 1);
    }
    new JsonBody(json, operations, limits, bytes, start, to).read(receiptMillis, good);
  }

  /** RFC 8259 allows a reader to pass over a byte order mark. */
  private static int skipMark(byte[] bytes, int from, int to) {
    boolean mark =
        to - from >= 3
            && bytes[from] == (byte) 0xef
            && bytes[from + 1] == (byte) 0xbb
            && bytes[from + 2] == (byte) 0xbf;
    return mark ? from + 3 : from;
  }
}
