package io.oplog.store.rocksdb;

import io.oplog.core.store.LogBatch;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.SourceMove;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts submissions together to one batch of the log. Used for one batch. */
final class Appender {
  private final OperationLog log;
  private final long millis;
  private final Map<String, String> moved = new HashMap<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<Frames> accepted = new ArrayList<>();
  private long last;

  /**
   * @param head the last sequence so far
   * @param millis commit time of this batch
   */
  Appender(OperationLog log, long head, long millis) {
    this.log = log;
    this.millis = millis;
    this.last = head;
  }

  void add(Submission submission) throws StoreException {
    SourceMove move = submission.move();
    if (move == null) {
      accept(submission.frames());
      return;
    }
    String stands = standing(move.source());
    if (!Objects.equals(stands, move.from())) {
      outcomes.add(new Outcome.SourceConflict(stands));
      return;
    }
    moved.put(move.source(), move.to());
    accept(submission.frames());
  }

  private @Nullable String standing(String source) throws StoreException {
    String earlierHere = moved.get(source);
    return earlierHere != null ? earlierHere : log.sourceToken(source).orElse(null);
  }

  private void accept(Frames frames) {
    accepted.add(frames);
    last += frames.count();
    outcomes.add(
        new Outcome.Stored(
            frames.count() == 0 ? null : new EventId(millis / 1000, log.incarnation(), last)));
  }

  List<Outcome> outcomes() {
    return outcomes;
  }

  /** The operations with their ids in place; null when no operation was accepted. */
  @Nullable LogBatch toLogBatch() {
    int count = accepted.stream().mapToInt(Frames::count).sum();
    if (count == 0) {
      return null;
    }
    return LogBatch.of(last - count + 1, millis, log.incarnation(), accepted);
  }

  /** What is written: the blocks of the batch, and where the sources stand now. */
  BatchBytes toBytes(@Nullable LogBatch batch, long bytesBefore) {
    BatchBytes out = new BatchBytes(length(batch) + OperationLog.COUNT_LENGTH);
    if (batch != null) {
      putBlocks(out, batch, bytesBefore);
    }
    moved.forEach((source, token) ->
        out.put(Family.LOG_META, OperationLog.sourceKey(source), OperationLog.encodeToken(token)));
    return out;
  }

  /** Exactly: a large batch is neither grown nor copied then. */
  private int length(@Nullable LogBatch batch) {
    int length = 0;
    for (Map.Entry<String, String> move : moved.entrySet()) {
      length +=
          BatchBytes.recordLength(
              OperationLog.sourceKey(move.getKey()).length,
              OperationLog.encodeToken(move.getValue()).length);
    }
    int from = 0;
    while (batch != null && from < batch.frames().count()) {
      int to = from + LogBlock.fitting(batch.frames(), from);
      length += BatchBytes.recordLength(Long.BYTES, LogBlock.length(batch.frames(), from, to));
      from = to;
    }
    return length;
  }

  private static void putBlocks(BatchBytes out, LogBatch batch, long bytesBefore) {
    Frames frames = batch.frames();
    int from = 0;
    while (from < frames.count()) {
      int to = from + LogBlock.fitting(frames, from);
      long before = bytesBefore + frames.start(from);
      LogBlock.put(out, frames, from, to, batch.first() + from, batch.commitMillis(), before);
      from = to;
    }
  }
}
