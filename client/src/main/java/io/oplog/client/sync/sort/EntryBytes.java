package io.oplog.client.sync.sort;

import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An entry in bytes: its length after these four bytes, the key's length, the key, order,
 * timestamp, kind and parents. The key is type, a zero and id in UTF-8; a type has no control
 * character, so keys compared byte by byte stand in the order of type, then id. Thread-confined,
 * reusable.
 */
final class EntryBytes {
  static final int LENGTH_BYTES = Integer.BYTES;
  private static final int KEY = LENGTH_BYTES + Integer.BYTES;
  private static final int FIXED = KEY + 1 + Long.BYTES + Long.BYTES + 1 + Integer.BYTES;

  private byte[] bytes = new byte[1024];
  private int size;

  byte[] bytes() {
    return bytes;
  }

  /** Bytes of the entry, those of its length included. */
  int size() {
    return size;
  }

  /** Makes room for an entry of so many bytes, which is then put into {@link #bytes}. */
  void resize(int newSize) {
    if (newSize > bytes.length) {
      bytes = new byte[Math.max(newSize, 2 * bytes.length)];
    }
    size = newSize;
  }

  void copy(EntryBytes from) {
    resize(from.size);
    System.arraycopy(from.bytes, 0, bytes, 0, from.size);
  }

  void encode(Entry entry) {
    Operation operation = entry.operation();
    byte[] type = operation.type().getBytes(StandardCharsets.UTF_8);
    byte[] id = operation.id().getBytes(StandardCharsets.UTF_8);
    List<byte[]> parents = new ArrayList<>(operation.parents().size());
    int parentBytes = 0;
    for (String parent : operation.parents()) {
      byte[] text = parent.getBytes(StandardCharsets.UTF_8);
      parents.add(text);
      parentBytes += Integer.BYTES + text.length;
    }
    resize(FIXED + type.length + id.length + parentBytes);
    ByteBuffer out = ByteBuffer.wrap(bytes);
    out.putInt(size - LENGTH_BYTES).putInt(type.length + 1 + id.length);
    out.put(type).put((byte) 0).put(id);
    out.putLong(entry.order()).putLong(operation.timestampMillis());
    out.put((byte) operation.kind().wireName().charAt(0)).putInt(parents.size());
    parents.forEach(parent -> out.putInt(parent.length).put(parent));
  }

  Entry decode() {
    ByteBuffer in = ByteBuffer.wrap(bytes, LENGTH_BYTES, size - LENGTH_BYTES);
    byte[] key = take(in, in.getInt());
    int zero = 0;
    while (key[zero] != 0) {
      zero++;
    }
    long order = in.getLong();
    long timestamp = in.getLong();
    OperationKind kind = kind(in.get());
    String type = new String(key, 0, zero, StandardCharsets.UTF_8);
    String id = new String(key, zero + 1, key.length - zero - 1, StandardCharsets.UTF_8);
    return new Entry(new Operation(kind, type, id, parents(in), timestamp), order);
  }

  private static OperationKind kind(byte letter) {
    return switch (letter) {
      case 'i' -> OperationKind.INSERT;
      case 'u' -> OperationKind.UPDATE;
      case 'd' -> OperationKind.DELETE;
      default -> throw new IllegalStateException("a temporary file is damaged: kind " + letter);
    };
  }

  private static List<String> parents(ByteBuffer in) {
    int count = in.getInt();
    List<String> parents = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      parents.add(new String(take(in, in.getInt()), StandardCharsets.UTF_8));
    }
    return parents;
  }

  private static byte[] take(ByteBuffer in, int length) {
    byte[] taken = new byte[length];
    in.get(taken);
    return taken;
  }

  /** Compares the keys of two entries alone. */
  static int compareKeys(EntryBytes a, EntryBytes b) {
    return compareKeys(a.bytes, 0, b.bytes, 0);
  }

  private static int compareKeys(byte[] a, int atA, byte[] b, int atB) {
    return Arrays.compareUnsigned(a, atA + KEY, keyEnd(a, atA), b, atB + KEY, keyEnd(b, atB));
  }

  private static int keyEnd(byte[] bytes, int at) {
    return at + KEY + intAt(bytes, at + LENGTH_BYTES);
  }

  /** Compares entries that start at two offsets by their keys, then by their order. */
  static int compare(byte[] a, int atA, byte[] b, int atB) {
    int keys = compareKeys(a, atA, b, atB);
    return keys != 0 ? keys : Long.compare(longAt(a, keyEnd(a, atA)), longAt(b, keyEnd(b, atB)));
  }

  static int intAt(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }

  private static long longAt(byte[] bytes, int at) {
    return (long) intAt(bytes, at) << 32 | (intAt(bytes, at + 4) & 0xffff_ffffL);
  }
}
