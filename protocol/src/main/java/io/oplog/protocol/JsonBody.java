package io.oplog.protocol;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** A body of type {@code application/json}: an operation, or an array of them. */
final class JsonBody {
  private final Json json;
  private final OperationParser operations;
  private final int maxBytes;
  private final byte[] bytes;
  private final int from;
  private final int to;
  private String place = "body";

  JsonBody(
      Json json,
      OperationParser operations,
      OperationLimits limits,
      byte[] bytes,
      int from,
      int to) {
    this.json = json;
    this.operations = operations;
    this.maxBytes = limits.maxOperationBytes();
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  void read(long receiptMillis, OperationSink good) throws InvalidOperationException {
    try (JsonParser parser = json.open(bytes, from, to)) {
      readRoot(parser, receiptMillis, good);
      place = "body";
      requireEnd(parser);
    } catch (InvalidOperationException e) {
      throw e.at(place, Elements.count(json, bytes, from, to).operations());
    } catch (JacksonException e) {
      throw new InvalidOperationException(Json.reason(e)).at(place, 1);
    }
  }

  private void readRoot(JsonParser parser, long receiptMillis, OperationSink good)
      throws InvalidOperationException {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw new InvalidOperationException("the body is empty");
    }
    if (first != JsonToken.START_ARRAY) {
      good.accept(readOperation(parser, receiptMillis));
      return;
    }
    for (long element = 1; nextElement(parser, element); element++) {
      good.accept(readOperation(parser, receiptMillis));
    }
  }

  private boolean nextElement(JsonParser parser, long element) {
    place = Elements.place(element);
    return parser.nextToken() != JsonToken.END_ARRAY;
  }

  private Operation readOperation(JsonParser parser, long receiptMillis)
      throws InvalidOperationException {
    long start = to - from > maxBytes ? parser.currentTokenLocation().getByteOffset() : 0;
    Operation operation = operations.parse(parser, receiptMillis);
    if (to - from > maxBytes) {
      requireSize(parser.currentLocation().getByteOffset() - start);
    }
    return operation;
  }

  private void requireSize(long size) throws InvalidOperationException {
    if (size > maxBytes) {
      throw new InvalidOperationException(
          "an operation must have at most " + maxBytes + " bytes: " + size);
    }
  }

  private static void requireEnd(JsonParser parser) throws InvalidOperationException {
    if (parser.nextToken() != null) {
      throw new InvalidOperationException("more text after the end of the JSON value");
    }
  }
}
