package io.oplog.protocol;

/**
 * The layout of an operation's SSE frame. The frame is the unit that is stored, replayed and sent,
 * so what it says is read from its bytes, and only its id and kind are ever put in place:
 *
 * <pre>
 * id: 6920c0de0001000000000a2f
 * event: update
 * data: {"timestamp":"2014-11-06T11:04:39.041Z","parents":["user/x1"],"type":"video","id":"xekw"}
 *
 * </pre>
 *
 * <p>Every kind has six letters and every timestamp 24 characters, so all up to the first parent
 * lies at a fixed offset. A stored frame has no {@code ref}.
 */
public final class Frame {

  static final int ID = "id: ".length();
  static final int KIND = ID + EventId.LENGTH + "\nevent: ".length();
  static final int TIMESTAMP = KIND + 6 + "\ndata: {\"timestamp\":\"".length();

  /** Offset of the first parent, or of the bracket that closes an empty list. */
  static final int PARENTS = TIMESTAMP + 24 + "\",\"parents\":[".length();

  private Frame() {}

  /** Puts an id into the frame that starts at {@code from}. */
  public static void putId(byte[] bytes, int from, long seconds, int incarnation, long sequence) {
    putSeconds(bytes, from, seconds);
    Hex.put(bytes, from + ID + 8, 4, incarnation);
    Hex.put(bytes, from + ID + 12, 12, sequence);
  }

  /** Replaces the seconds of the id. */
  public static void putSeconds(byte[] bytes, int from, long seconds) {
    Hex.put(bytes, from + ID, 8, seconds);
  }

  public static long seconds(byte[] bytes, int from) {
    return Hex.get(bytes, from + ID, 8);
  }

  public static long sequence(byte[] bytes, int from) {
    return Hex.get(bytes, from + ID + 12, 12);
  }

  /** The kind, told by its first letter. */
  public static OperationKind kind(byte[] bytes, int from) {
    return switch (bytes[from + KIND]) {
      case 'i' -> OperationKind.INSERT;
      case 'u' -> OperationKind.UPDATE;
      case 'd' -> OperationKind.DELETE;
      default -> throw new IllegalArgumentException("not a frame: no kind at " + (from + KIND));
    };
  }

  /** Replaces the kind. */
  public static void putKind(byte[] bytes, int from, OperationKind kind) {
    String name = kind.wireName();
    for (int i = 0; i < name.length(); i++) {
      bytes[from + KIND + i] = (byte) name.charAt(i);
    }
  }
}
