package io.oplog.server.http;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A connection's answers, in the order of their requests. Confined to one event loop. */
final class AnswerQueue {
  private @Nullable Answer first;
  private @Nullable Answer last;
  private int size;

  boolean isEmpty() {
    return first == null;
  }

  int size() {
    return size;
  }

  void add(Answer answer) {
    if (last == null) {
      first = answer;
    } else {
      last.next = answer;
    }
    last = answer;
    size++;
  }

  /** The first answer, if there is something to send of it. */
  @Nullable Answer ready() {
    return first != null && first.done ? first : null;
  }

  /** Takes the first answer away; there must be one. */
  @CanIgnoreReturnValue
  Answer pop() {
    Answer popped = Objects.requireNonNull(first);
    first = popped.next;
    popped.next = null;
    size--;
    if (first == null) {
      last = null;
    }
    return popped;
  }
}
