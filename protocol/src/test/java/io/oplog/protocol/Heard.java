package io.oplog.protocol;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.ArrayList;
import java.util.List;

/** Remembers what a parser said. */
final class Heard implements SseListener {
  final List<SseEvent> events = new ArrayList<>();
  final List<Long> retries = new ArrayList<>();
  int comments;

  @Override
  public void onEvent(SseEvent event) {
    events.add(event);
  }

  @Override
  public void onRetry(long millis) {
    retries.add(millis);
  }

  @Override
  public void onComment() {
    comments++;
  }

  @CanIgnoreReturnValue
  Heard feed(SseParser parser, byte[] bytes) throws SseException {
    parser.feed(bytes, 0, bytes.length, this);
    return this;
  }
}
