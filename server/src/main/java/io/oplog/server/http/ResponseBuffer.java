package io.oplog.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Where an event loop renders answers before they are sent: one direct buffer, used again and
 * again. Confined to its loop.
 */
final class ResponseBuffer {
  private static final int USUAL_BYTES = 64 << 10;

  private final HttpDate date = new HttpDate();
  private ByteBuffer bytes = ByteBuffer.allocateDirect(USUAL_BYTES);

  void put(byte[] more) {
    room(more.length).put(more);
  }

  void put(String ascii) {
    put(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  void putDate() {
    put(date.line());
  }

  int length() {
    return bytes.position();
  }

  boolean isEmpty() {
    return bytes.position() == 0;
  }

  /** What was rendered, ready to be read; valid until {@link #clear()}. */
  ByteBuffer rendered() {
    return bytes.flip();
  }

  /** Takes what was rendered out of the buffer. */
  byte[] take() {
    byte[] taken = new byte[bytes.flip().remaining()];
    bytes.get(taken);
    clear();
    return taken;
  }

  void clear() {
    if (bytes.capacity() > USUAL_BYTES) {
      bytes = ByteBuffer.allocateDirect(USUAL_BYTES);
    }
    bytes.clear();
  }

  private ByteBuffer room(int size) {
    if (bytes.remaining() < size) {
      int capacity = Math.max(bytes.capacity() * 2, bytes.position() + size);
      bytes = ByteBuffer.allocateDirect(capacity).put(bytes.flip());
    }
    return bytes;
  }
}
