package io.oplog.protocol;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/**
 * Reads one operation a line. One JSON parser serves as many lines as are good; a bad line costs
 * it, and the next line gets a new one.
 */
final class LineReader implements AutoCloseable {
  private static final String CUT = "the operation does not end on its line";

  private final Json json;
  private final OperationParser operations;
  private final Lines lines;
  private final int maxBytes;
  private @Nullable JsonParser parser;
  private int parserStart;

  /** Whether all lines are known to be UTF-8, so that each need not be looked at. */
  private final boolean utf8;

  LineReader(Json json, OperationParser operations, Lines lines, int maxBytes) {
    this.json = json;
    this.operations = operations;
    this.lines = lines;
    this.maxBytes = maxBytes;
    this.utf8 = Utf8.invalidAt(lines.bytes(), lines.start(), lines.limit()) < 0;
  }

  /** How a line's object is read. */
  @FunctionalInterface
  private interface Fields {
    Operation parse(JsonParser parser) throws InvalidOperationException;
  }

  /** Reads the operation in the line that {@code lines} stands at. */
  Operation read(long receiptMillis) throws InvalidOperationException {
    return read(parser -> operations.parse(parser, receiptMillis));
  }

  /** Reads the object in the line that {@code lines} stands at. */
  Operation readState() throws InvalidOperationException {
    return read(operations::parseState);
  }

  private Operation read(Fields fields) throws InvalidOperationException {
    requireSize();
    requireUtf8();
    requireBrace();
    JsonParser open = parser == null ? open() : parser;
    try {
      return readWith(open, fields);
    } catch (InvalidOperationException e) {
      InvalidOperationException better = beyondLine(open) ? e.because(CUT) : e;
      close();
      throw better;
    } catch (JacksonException e) {
      String reason = beyondLine(open) ? CUT : Json.reason(e);
      close();
      throw new InvalidOperationException(reason);
    }
  }

  private Operation readWith(JsonParser open, Fields fields) throws InvalidOperationException {
    open.nextToken();
    Operation operation = fields.parse(open);
    if (!lines.isBlankFrom(position(open))) {
      throw new InvalidOperationException("more text after the operation, on its line");
    }
    return operation;
  }

  private boolean beyondLine(JsonParser open) {
    return position(open) > lines.end();
  }

  private int position(JsonParser open) {
    return parserStart + (int) open.currentLocation().getByteOffset();
  }

  private void requireSize() throws InvalidOperationException {
    int size = lines.end() - lines.start();
    if (size > maxBytes) {
      close();
      throw new InvalidOperationException(
          "an operation must have at most " + maxBytes + " bytes: " + size);
    }
  }

  private void requireUtf8() throws InvalidOperationException {
    int invalid = utf8 ? -1 : Utf8.invalidAt(lines.bytes(), lines.start(), lines.end());
    if (invalid >= 0) {
      close();
      throw Utf8.refusal(invalid - lines.start());
    }
  }

  /** Garbage is told by its first byte: a parser's exception costs as much as ten operations. */
  private void requireBrace() throws InvalidOperationException {
    byte first = lines.firstByte();
    if (first != '{') {
      close();
      throw new InvalidOperationException("an operation is a JSON object, not " + name(first));
    }
  }

  private String name(byte first) {
    return switch (first) {
      case '[' -> "an array";
      case '"' -> "a string";
      default -> Quoted.start(lines.bytes(), lines.start(), lines.end());
    };
  }

  private JsonParser open() {
    parserStart = lines.start();
    JsonParser opened = json.open(lines.bytes(), parserStart, lines.limit());
    parser = opened;
    return opened;
  }

  @Override
  public void close() {
    if (parser != null) {
      parser.close();
      parser = null;
    }
  }
}
