package io.oplog.protocol;

import java.nio.charset.StandardCharsets;

/**
 * An ordered position in the log together with the stream's <em>since</em>; 24 lower-case hex
 * digits on the wire.
 *
 * <p>Incarnation and sequence are the position, and the order. The seconds say how old a deletion
 * may be that the consumer has not heard of: it holds nothing that was deleted before them, other
 * than by operations after its position.
 *
 * @param seconds seconds since the epoch, 0 to 2^32 - 1
 * @param incarnation the history this position belongs to, 0 to 65535; 0 only in {@link #ZERO}
 * @param sequence the operation's number within the log, 0 to 2^48 - 1; 0 is before everything
 */
public record EventId(long seconds, int incarnation, long sequence) {

  public static final long MAX_SECONDS = 0xffff_ffffL;
  public static final int MAX_INCARNATION = 0xffff;
  public static final long MAX_SEQUENCE = 0xffff_ffff_ffffL;

  /** Digits of an id on the wire. */
  public static final int LENGTH = 24;

  /** Asks for everything from the beginning. */
  public static final EventId ZERO = new EventId(0, 0, 0);

  public EventId {
    requireRange("seconds", seconds, MAX_SECONDS);
    requireRange("incarnation", incarnation, MAX_INCARNATION);
    requireRange("sequence", sequence, MAX_SEQUENCE);
  }

  private static void requireRange(String name, long value, long max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(name + " must be 0 to " + max + ": " + value);
    }
  }

  /**
   * Reads 24 lower-case hex digits.
   *
   * @throws IllegalArgumentException when the text is anything else
   */
  public static EventId parse(String text) {
    if (text.length() != LENGTH) {
      throw new IllegalArgumentException(
          "an event id has " + LENGTH + " hex digits, not " + text.length());
    }
    return new EventId(hex(text, 0, 8), (int) hex(text, 8, 12), hex(text, 12, LENGTH));
  }

  private static long hex(String text, int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      value = value << 4 | digit(text.charAt(i));
    }
    return value;
  }

  private static int digit(char c) {
    if (c >= '0' && c <= '9') {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    throw new IllegalArgumentException("an event id has lower-case hex digits only");
  }

  @Override
  public String toString() {
    byte[] digits = new byte[LENGTH];
    Hex.put(digits, 0, 8, seconds);
    Hex.put(digits, 8, 4, incarnation);
    Hex.put(digits, 12, 12, sequence);
    return new String(digits, StandardCharsets.ISO_8859_1);
  }
}
