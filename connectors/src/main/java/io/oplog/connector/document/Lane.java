package io.oplog.connector.document;

import io.oplog.connector.document.DocumentChange.Document;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonValue;

/** The changes of one collection that wait, in their order. One thread. */
final class Lane {

  /** A change that waits; a newer one may become part of it. */
  static final class Waiting {
    private final ReadBatch from;
    private DocumentChange change;

    private Waiting(DocumentChange change, ReadBatch from) {
      this.change = change;
      this.from = from;
    }

    DocumentChange change() {
      return change;
    }

    /** That it came with. */
    ReadBatch from() {
      return from;
    }
  }

  private final Namespace namespace;
  private final Conflation conflation;
  private final boolean conflates;
  private final Deque<Waiting> changes = new ArrayDeque<>();

  /** What waits of each document, of several the newest. Nothing where each change is told. */
  private final Map<BsonValue, Waiting> newest = new HashMap<>();

  private long bytes;

  Lane(Namespace namespace, Conflation conflation) {
    this.namespace = namespace;
    this.conflation = conflation;
    this.conflates = conflation.namespaces().test(namespace);
  }

  Namespace namespace() {
    return namespace;
  }

  /**
   * Adds a change.
   *
   * @return false when it has become a part of one that waits
   */
  boolean add(DocumentChange change, ReadBatch from) {
    if (conflates && change instanceof Document document && joins(document)) {
      return false;
    }
    Waiting waiting = new Waiting(change, from);
    changes.addLast(waiting);
    bytes += change.bytes();
    if (conflates) {
      note(waiting);
    }
    return true;
  }

  private boolean joins(Document document) {
    Waiting older = newest.get(document.id());
    if (older == null) {
      return false;
    }
    Optional<Document> joined = conflation.of((Document) older.change, document);
    joined.ifPresent(one -> {
      bytes += one.bytes() - older.change.bytes();
      older.change = one;
    });
    return joined.isPresent();
  }

  /** Nothing is joined over what ends all documents. */
  private void note(Waiting waiting) {
    if (waiting.change instanceof Document document) {
      newest.put(document.id(), waiting);
    } else {
      newest.clear();
    }
  }

  /** Takes the first one. */
  Waiting remove() {
    Waiting first = changes.removeFirst();
    if (conflates && first.change instanceof Document document) {
      newest.remove(document.id(), first);
    }
    bytes -= first.change.bytes();
    return first;
  }

  boolean isEmpty() {
    return changes.isEmpty();
  }

  /** About so much memory is held. */
  long bytes() {
    return bytes;
  }
}
