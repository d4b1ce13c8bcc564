package io.oplog.store.mongodb;

import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCursor;
import java.util.NoSuchElementException;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/** Documents in the order of their positions; stands at the first when made. Thread-confined. */
final class PositionCursor implements AutoCloseable {
  /** The position after the last document. */
  static final long END = Long.MAX_VALUE;

  private final MongoCursor<Document> cursor;
  private final String field;
  private @Nullable Document current;

  /**
   * @param field which holds the position
   */
  PositionCursor(FindIterable<Document> sorted, String field) {
    this.cursor = sorted.cursor();
    this.field = field;
    next();
  }

  void next() {
    current = cursor.hasNext() ? cursor.next() : null;
  }

  long position() {
    return current == null ? END : current.getLong(field);
  }

  Document document() {
    if (current == null) {
      throw new NoSuchElementException("after the last document");
    }
    return current;
  }

  @Override
  public void close() {
    cursor.close();
  }
}
