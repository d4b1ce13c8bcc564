package io.oplog.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Makes events of the lines of a stream, as the WHATWG's HTML standard says. */
final class SseFields {
  private static final byte[] DATA = ascii("data");
  private static final byte[] EVENT = ascii("event");
  private static final byte[] ID = ascii("id");
  private static final byte[] RETRY = ascii("retry");

  private final int maxEventBytes;

  /** Each line of data with an LF after it. */
  private byte[] data = new byte[1024];

  private int dataSize;
  private String type = "";
  private String idBuffer = "";
  private String lastEventId = "";

  /** The event's name is mostly that of an event before. */
  private final SseNames names = new SseNames();

  SseFields(int maxEventBytes) {
    this.maxEventBytes = maxEventBytes;
  }

  String lastEventId() {
    return lastEventId;
  }

  void line(byte[] bytes, int from, int to, SseListener listener) throws SseException {
    if (from == to) {
      dispatch(listener);
    } else if (bytes[from] == ':') {
      listener.onComment();
    } else {
      int colon = indexOfColon(bytes, from, to);
      field(bytes, from, colon, valueStart(bytes, colon, to), to, listener);
    }
  }

  private static int indexOfColon(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != ':') {
      at++;
    }
    return at;
  }

  private static int valueStart(byte[] bytes, int colon, int to) {
    if (colon == to) {
      return to;
    }
    return colon + 1 < to && bytes[colon + 1] == ' ' ? colon + 2 : colon + 1;
  }

  private void field(byte[] bytes, int from, int colon, int value, int to, SseListener listener)
      throws SseException {
    if (is(DATA, bytes, from, colon)) {
      addData(bytes, value, to);
    } else if (is(EVENT, bytes, from, colon)) {
      type = names.of(bytes, value, to);
    } else if (is(ID, bytes, from, colon)) {
      setId(bytes, value, to);
    } else if (is(RETRY, bytes, from, colon)) {
      retry(bytes, value, to, listener);
    }
  }

  private static boolean is(byte[] name, byte[] bytes, int from, int to) {
    return Arrays.equals(name, 0, name.length, bytes, from, to);
  }

  private void addData(byte[] bytes, int from, int to) throws SseException {
    int size = dataSize + (to - from) + 1;
    if (size - 1 > maxEventBytes || size < 0) {
      throw new SseException("maxEventBytes", maxEventBytes);
    }
    if (size > data.length) {
      data = Arrays.copyOf(data, Math.max(size, 2 * data.length));
    }
    System.arraycopy(bytes, from, data, dataSize, to - from);
    data[size - 1] = '\n';
    dataSize = size;
  }

  private void setId(byte[] bytes, int from, int to) {
    String id = new String(bytes, from, to - from, StandardCharsets.UTF_8);
    if (id.indexOf('\0') < 0) {
      idBuffer = id;
    }
  }

  private static void retry(byte[] bytes, int from, int to, SseListener listener) {
    long millis = 0;
    for (int i = from; i < to; i++) {
      if (bytes[i] < '0' || bytes[i] > '9') {
        return;
      }
      millis = Math.min(millis * 10 + (bytes[i] - '0'), Integer.MAX_VALUE);
    }
    if (from < to) {
      listener.onRetry(millis);
    }
  }

  private void dispatch(SseListener listener) {
    lastEventId = idBuffer;
    int size = dataSize;
    String name = type.isEmpty() ? "message" : type;
    dataSize = 0;
    type = "";
    if (size > 0) {
      String text = new String(data, 0, size - 1, StandardCharsets.UTF_8);
      listener.onEvent(new SseEvent(lastEventId, name, text));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
