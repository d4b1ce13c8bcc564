package io.oplog.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Writes one JSON object a line: operations as a producer sends them, or states as a dump has them.
 * The texts are those of a frame, so equal operations have equal bytes. Thread-confined, reusable.
 */
public final class OperationLines {
  private static final byte[] EVENT = ascii("{\"event\":\"");
  private static final byte[] AFTER_EVENT = ascii("\",");
  private static final int DATA = Frame.TIMESTAMP - "{\"timestamp\":\"".length();
  private static final int KIND_LETTERS = 6;
  private static final int FRAME_END = 2;

  private final FrameEncoder encoder = new FrameEncoder();
  private byte[] bytes = new byte[4096];
  private int size;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The lines of some operations, as a producer could send them. */
  public static byte[] of(List<Operation> operations) {
    OperationLines lines = new OperationLines();
    operations.forEach(lines::addOperation);
    return Arrays.copyOf(lines.bytes, lines.size);
  }

  /** Adds a line that a producer could send. */
  public void addOperation(Operation operation) {
    Frames frame = encode(operation);
    put(EVENT, 0, EVENT.length);
    put(frame.bytes(), Frame.KIND, KIND_LETTERS);
    put(AFTER_EVENT, 0, AFTER_EVENT.length);
    putData(frame, DATA + 1);
  }

  /** Adds a line of a dump, which is the data of an event. */
  public void addState(Operation state) {
    putData(encode(state), DATA);
  }

  private Frames encode(Operation operation) {
    encoder.add(operation);
    return encoder.take();
  }

  private void putData(Frames frame, int from) {
    put(frame.bytes(), from, frame.length() - FRAME_END - from);
    ensure(1);
    bytes[size++] = '\n';
  }

  private void put(byte[] from, int at, int length) {
    ensure(length);
    System.arraycopy(from, at, bytes, size, length);
    size += length;
  }

  private void ensure(int more) {
    if (size + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(size, more), 2 * bytes.length));
    }
  }

  /** How many bytes the lines have. */
  public int length() {
    return size;
  }

  /** Where the lines stand, up to {@link #length}; valid until more are added. */
  public byte[] bytes() {
    return bytes;
  }

  /** Forgets the lines. */
  public void clear() {
    size = 0;
  }
}
