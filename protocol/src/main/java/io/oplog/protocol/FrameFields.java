package io.oplog.protocol;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds what a frame says, in its bytes: offsets of slices with their JSON escapes, which are
 * canonical, so that they can be compared as they are. Thread-confined; reused from frame to frame
 * without allocating. The bytes must be a frame that {@link FrameEncoder} wrote.
 */
public final class FrameFields {
  private static final int TYPE_GAP = "],\"type\":\"".length();
  private static final int ID_GAP = "\",\"id\":\"".length();

  private byte[] bytes = new byte[0];
  private int from;
  private int typeStart;
  private int typeEnd;
  private int idEnd;
  private int parentStart;
  private int parentEnd;

  /**
   * Looks at the frame that starts at {@code newFrom}.
   *
   * @return this
   */
  @CanIgnoreReturnValue
  public FrameFields reset(byte[] newBytes, int newFrom) {
    bytes = newBytes;
    from = newFrom;
    rewindParents();
    typeStart = endOfParents(newBytes, newFrom) + TYPE_GAP;
    typeEnd = JsonText.endOf(newBytes, typeStart);
    idEnd = JsonText.endOf(newBytes, typeEnd + ID_GAP);
    return this;
  }

  /**
   * Looks at the frame between two offsets.
   *
   * @throws IllegalArgumentException when it does not end within them
   */
  @CanIgnoreReturnValue
  public FrameFields reset(byte[] newBytes, int newFrom, int newTo) {
    reset(newBytes, newFrom);
    if (idEnd >= newTo) {
      throw new IllegalArgumentException("a frame at " + newFrom + " passes its end " + newTo);
    }
    return this;
  }

  /** Offset of the bracket that closes the parents of the frame at {@code from}. */
  static int endOfParents(byte[] bytes, int from) {
    int at = from + Frame.PARENTS;
    while (bytes[at] != ']') {
      at = bytes[at] == '"' ? JsonText.endOf(bytes, at + 1) + 1 : at + 1;
    }
    return at;
  }

  /** Offset of the type of a frame whose parents end at a bracket. */
  static int typeStart(int endOfParents) {
    return endOfParents + TYPE_GAP;
  }

  public OperationKind kind() {
    return Frame.kind(bytes, from);
  }

  public int typeStart() {
    return typeStart;
  }

  public int typeEnd() {
    return typeEnd;
  }

  public int idStart() {
    return typeEnd + ID_GAP;
  }

  public int idEnd() {
    return idEnd;
  }

  /** Goes back before the first parent. */
  public void rewindParents() {
    parentEnd = from + Frame.PARENTS - 1;
  }

  /**
   * Moves to the next parent, whose slice {@link #parentStart} and {@link #parentEnd} then tell;
   * false when there is none.
   */
  public boolean nextParent() {
    int at = parentEnd + 1;
    if (bytes[at] == ']') {
      return false;
    }
    parentStart = bytes[at] == ',' ? at + 2 : at + 1;
    parentEnd = JsonText.endOf(bytes, parentStart);
    return true;
  }

  public int parentStart() {
    return parentStart;
  }

  public int parentEnd() {
    return parentEnd;
  }

  /** The bytes that the offsets are of. */
  public byte[] bytes() {
    return bytes;
  }

  /** How long {@link #objectKey} is, in bytes. */
  public int objectKeyLength() {
    return typeEnd - typeStart + 1 + idEnd - idStart();
  }

  /** Writes {@link #objectKey} at an offset of an array. */
  public void putObjectKey(byte[] target, int at) {
    int typeLength = typeEnd - typeStart;
    System.arraycopy(bytes, typeStart, target, at, typeLength);
    target[at + typeLength] = '/';
    System.arraycopy(bytes, idStart(), target, at + typeLength + 1, idEnd - idStart());
  }

  /** The object: its raw type, a slash, which no type has, and its raw id. A copy. */
  public byte[] objectKey() {
    byte[] key = new byte[objectKeyLength()];
    putObjectKey(key, 0);
    return key;
  }

  /** Decodes all of it. */
  public Operation operation() {
    return new Operation(kind(), type(), id(), parents(), timestampMillis());
  }

  public String type() {
    return JsonText.decode(bytes, typeStart, typeEnd);
  }

  public String id() {
    return JsonText.decode(bytes, idStart(), idEnd);
  }

  /** Milliseconds since the epoch. */
  public long timestampMillis() {
    int start = from + Frame.TIMESTAMP;
    return Rfc3339.parse(JsonText.decode(bytes, start, start + Rfc3339.LENGTH));
  }

  /** All parents, decoded. Leaves {@link #nextParent} before the first. */
  public List<String> parents() {
    List<String> parents = new ArrayList<>();
    rewindParents();
    while (nextParent()) {
      parents.add(JsonText.decode(bytes, parentStart, parentEnd));
    }
    rewindParents();
    return parents;
  }
}
