package io.oplog.client.sync;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many objects may be deleted at once.
 *
 * @param share of the objects that live, in percent; of a number of its own, 0
 * @param number where it is not a share
 */
public record DeleteLimit(BigDecimal share, long number) {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,6})?)\\s*(%?)");
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

  /**
   * Reads {@code 1%} or a number.
   *
   * @throws IllegalArgumentException when it is neither, or more than 100%
   */
  public static DeleteLimit parse(String text) {
    Matcher limit = TEXT.matcher(text.strip());
    boolean isShare = limit.matches() && limit.group(2).equals("%");
    if (!limit.matches() || (!isShare && limit.group(1).contains("."))) {
      throw new IllegalArgumentException("'" + text + "' is neither like 1% nor like 1000");
    }
    BigDecimal value = new BigDecimal(limit.group(1));
    if (isShare && value.compareTo(HUNDRED) > 0) {
      throw new IllegalArgumentException("'" + text + "' is more than 100%");
    }
    return isShare
        ? new DeleteLimit(value, 0)
        : new DeleteLimit(BigDecimal.ZERO, value.longValueExact());
  }

  boolean allows(long deletes, long living) {
    BigDecimal allowed = share.multiply(BigDecimal.valueOf(living)).divide(HUNDRED);
    return deletes <= number || BigDecimal.valueOf(deletes).compareTo(allowed) <= 0;
  }

  @Override
  public String toString() {
    return share.signum() > 0 || number == 0 ? share.toPlainString() + "%" : Long.toString(number);
  }
}
