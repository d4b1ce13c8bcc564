package io.oplog.client;

import io.oplog.protocol.StreamEvent;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.util.Iterator;

/** A stream for loops, which have no checked exceptions. It ends with one alone. */
final class EventIterator implements Iterator<StreamEvent> {
  private final Source source;

  /** Waits for the next event. */
  interface Source {
    StreamEvent next() throws IOException, InterruptedException;
  }

  EventIterator(Source source) {
    this.source = source;
  }

  @Override
  public boolean hasNext() {
    return true;
  }

  @Override
  public StreamEvent next() {
    try {
      return source.next();
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException cause = new InterruptedIOException("interrupted while waiting");
      cause.initCause(e);
      throw new UncheckedIOException(cause);
    }
  }
}
