package io.oplog.client;

import io.oplog.protocol.InvalidOperationException;
import io.oplog.protocol.OperationLimits;
import io.oplog.protocol.OperationReader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Looks at lines before they are sent, so that all before a broken one can be. Thread-confined. */
final class LineCheck {
  private static final Pattern LINE = Pattern.compile("line (\\d+)");

  private final OperationReader reader;
  private long operations;

  LineCheck(OperationLimits limits) {
    this.reader = new OperationReader(limits);
  }

  /**
   * What may be sent of a batch.
   *
   * @param good its lines before the first broken one
   * @param operations how many operations they hold
   * @param broken the first broken line
   */
  record Checked(LineBatch good, long operations, @Nullable BrokenLineException broken) {}

  Checked check(LineBatch batch) {
    operations = 0;
    try {
      reader.readNdjson(batch.bytes(), 0, batch.bytes().length, 0, operation -> operations++);
      return new Checked(batch, operations, null);
    } catch (InvalidOperationException e) {
      return broken(batch, e);
    }
  }

  private Checked broken(LineBatch batch, InvalidOperationException e) {
    Matcher place = LINE.matcher(e.place());
    if (!place.matches()) {
      return new Checked(batch, 0, null); // blank lines alone
    }
    long line = batch.firstLine() + Long.parseLong(place.group(1)) - 1;
    return new Checked(batch.before(line), operations, new BrokenLineException(line, e.reason()));
  }
}
