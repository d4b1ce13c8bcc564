package io.oplog.protocol;

/** Where a stream starts: a last event id, parsed once. */
public sealed interface Cursor {

  /** Live operations from now. */
  record Now() implements Cursor {}

  /** Every object that exists, then live operations. */
  record Beginning() implements Cursor {}

  /** Everything after an event id. */
  record After(EventId id) implements Cursor {}

  /**
   * The states committed at or after a time, then live operations.
   *
   * @param millis milliseconds since the epoch, 1 to 9,999,999,999,999
   */
  record Since(long millis) implements Cursor {}

  /**
   * Parses what a consumer sends: empty is {@link Now}; all zeros (up to 13 digits, or 24) is
   * {@link Beginning}; 1 to 13 decimal digits are {@link Since}; 24 lower-case hex digits are
   * {@link After}.
   *
   * @throws IllegalArgumentException when the text is anything else, with a message for the
   *     consumer
   */
  static Cursor parse(String lastEventId) {
    if (lastEventId.isEmpty()) {
      return new Now();
    }
    if (lastEventId.length() == EventId.LENGTH) {
      return of(EventId.parse(lastEventId));
    }
    return sinceMillis(lastEventId);
  }

  private static Cursor of(EventId id) {
    return id.equals(EventId.ZERO) ? new Beginning() : new After(id);
  }

  private static Cursor sinceMillis(String digits) {
    if (digits.length() > 13 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw new IllegalArgumentException(
          "a last event id is 24 lower-case hex digits, or 1 to 13 digits of milliseconds since the"
              + " epoch, or 0");
    }
    long millis = Long.parseLong(digits);
    return millis == 0 ? new Beginning() : new Since(millis);
  }
}
