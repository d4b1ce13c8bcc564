package io.oplog.connector.document;

import io.oplog.connector.document.Lane.Waiting;
import io.oplog.core.relay.Batch;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Changes that were read and wait to be passed on. Collections take turns, so that one which
 * changes a lot does not make the others wait: each gives a few, and goes to the end of the row.
 * The order within a collection stays. One thread.
 *
 * <p>The position lags behind what was handed out: it is one before which nothing waits.
 */
final class Lanes {
  private static final int MOST_IN_A_TURN = 16;

  /** What is on its way makes the others wait, so it is little. */
  private static final int MOST_IN_A_BATCH = 128;

  private static final int MOST_BYTES = 64 << 10;

  private final Conflation conflation;
  private final Map<Namespace, Lane> lanes = new HashMap<>();

  /** Those in which something waits; the first one gives next. */
  private final Deque<Lane> turns = new ArrayDeque<>();

  /** The batches that are not over, and in their order what came after them. */
  private final Deque<ReadBatch> open = new ArrayDeque<>();

  private String position;
  private long bytes;
  private final LongAdder conflated;

  /**
   * @param position before everything that is added
   * @param conflated counts the changes that became parts of others
   */
  Lanes(Conflation conflation, String position, LongAdder conflated) {
    this.conflation = conflation;
    this.position = position;
    this.conflated = conflated;
  }

  void add(Batch<DocumentChange> batch) {
    ReadBatch read = new ReadBatch(batch.to());
    batch.changes().forEach(change -> add(change, read));
    if (!open.isEmpty() && open.getLast().isOver()) {
      open.removeLast(); // it only says less than this one
    }
    open.addLast(read);
  }

  private void add(DocumentChange change, ReadBatch read) {
    Lane lane = lanes.computeIfAbsent(change.namespace(), name -> new Lane(name, conflation));
    if (lane.isEmpty()) {
      turns.addLast(lane);
    }
    long before = lane.bytes();
    if (lane.add(change, read)) {
      read.waits();
    } else {
      conflated.increment();
    }
    bytes += lane.bytes() - before;
  }

  /**
   * What comes next.
   *
   * @return empty where nothing waits and the position is the same
   */
  Optional<Batch<DocumentChange>> poll(int maxBytes) {
    List<DocumentChange> changes = new ArrayList<>();
    long enough = bytes - Math.min(maxBytes, MOST_BYTES);
    while (!turns.isEmpty() && changes.size() < MOST_IN_A_BATCH && bytes > enough) {
      takeTurn(changes, enough);
    }
    String before = position;
    passBatches();
    return changes.isEmpty() && position.equals(before)
        ? Optional.empty()
        : Optional.of(new Batch<>(changes, position));
  }

  private void takeTurn(List<DocumentChange> changes, long enough) {
    Lane lane = turns.removeFirst();
    for (int i = 0; i < MOST_IN_A_TURN && !lane.isEmpty() && bytes > enough; i++) {
      changes.add(take(lane));
    }
    if (lane.isEmpty()) {
      lanes.remove(lane.namespace());
    } else {
      turns.addLast(lane);
    }
  }

  private DocumentChange take(Lane lane) {
    long before = lane.bytes();
    Waiting waiting = lane.remove();
    waiting.from().isHandedOut();
    bytes += lane.bytes() - before;
    return waiting.change();
  }

  private void passBatches() {
    while (!open.isEmpty() && open.getFirst().isOver()) {
      position = open.removeFirst().to();
    }
  }

  /** About so much memory is held. */
  long bytes() {
    return bytes;
  }
}
