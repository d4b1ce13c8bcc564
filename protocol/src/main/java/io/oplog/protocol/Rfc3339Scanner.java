package io.oplog.protocol;

/** Reads one timestamp from left to right; {@code ok} falls once, at the first misfit. */
final class Rfc3339Scanner {
  private static final byte[] DAYS = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

  private final String text;
  private int at;
  private boolean ok = true;

  Rfc3339Scanner(String text) {
    this.text = text;
  }

  long millis() {
    long day = date();
    expect('T');
    long millis = day * 86_400_000 + timeOfDay() - offset();
    return ok && at == text.length() && inRange(millis) ? millis : Rfc3339.INVALID;
  }

  private static boolean inRange(long millis) {
    return millis >= Rfc3339.MIN_MILLIS && millis <= Rfc3339.MAX_MILLIS;
  }

  private long date() {
    int year = digits(2, 99) * 100 + digits(2, 99);
    expect('-');
    int month = digits(2, 12);
    expect('-');
    int day = digits(2, 31);
    ok = ok && month >= 1 && day >= 1 && day <= daysOf(month, year);
    return ok ? Rfc3339.epochDay(year, month, day) : 0;
  }

  private static int daysOf(int month, int year) {
    boolean leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && !leap ? 28 : DAYS[month - 1];
  }

  private long timeOfDay() {
    int hour = digits(2, 23);
    expect(':');
    int minute = digits(2, 59);
    expect(':');
    int second = digits(2, 59);
    return (hour * 3600 + minute * 60 + second) * 1000L + fraction();
  }

  private int fraction() {
    if (peek() != '.') {
      return 0;
    }
    at++;
    int start = at;
    int millis = 0;
    while (isDigit(peek())) {
      int place = at++ - start;
      millis +=
          place < 3 ? (text.charAt(at - 1) - '0') * (place == 0 ? 100 : place == 1 ? 10 : 1) : 0;
    }
    ok &= at > start;
    return millis;
  }

  private long offset() {
    char sign = peek();
    at++;
    if (sign == 'Z') {
      return 0;
    }
    ok &= sign == '+' || sign == '-';
    int hours = digits(2, 23);
    expect(':');
    long millis = (hours * 60 + digits(2, 59)) * 60_000L;
    return sign == '-' ? -millis : millis;
  }

  private int digits(int count, int max) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      char c = peek();
      ok &= isDigit(c);
      value = value * 10 + (c - '0');
      at++;
    }
    ok &= value <= max;
    return value;
  }

  private void expect(char c) {
    ok &= peek() == c;
    at++;
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
