package io.oplog.store.mongodb;

import io.oplog.core.store.LogBatch;
import io.oplog.core.store.Outcome;
import io.oplog.core.store.SourceMove;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frames;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** Puts submissions together to the block that follows a place. Used for one block. */
final class BlockBuilder {
  private final Place before;
  private final long millis;
  private final ObjectId agent;
  private final int incarnation;
  private final Sources sources;
  private final Map<String, String> moves = new TreeMap<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<Frames> accepted = new ArrayList<>();
  private long last;

  BlockBuilder(Place before, long millis, ObjectId agent, int incarnation, Sources sources) {
    this.before = before;
    this.millis = millis;
    this.agent = agent;
    this.incarnation = incarnation;
    this.sources = sources;
    this.last = before.sequence();
  }

  void add(Submission submission) throws StoreException {
    SourceMove move = submission.move();
    if (move != null) {
      String stands = standing(move.source());
      if (!Objects.equals(stands, move.from())) {
        outcomes.add(new Outcome.SourceConflict(stands));
        return;
      }
      moves.put(move.source(), move.to());
    }
    accept(submission.frames());
  }

  private @Nullable String standing(String source) throws StoreException {
    String earlierHere = moves.get(source);
    return earlierHere != null ? earlierHere : sources.position(source).orElse(null);
  }

  private void accept(Frames frames) {
    accepted.add(frames);
    last += frames.count();
    EventId id = frames.count() == 0 ? null : new EventId(millis / 1000, incarnation, last);
    outcomes.add(new Outcome.Stored(id));
  }

  List<Outcome> outcomes() {
    return outcomes;
  }

  /** Whether there is nothing to append. */
  boolean isEmpty() {
    return last == before.sequence() && moves.isEmpty();
  }

  Block build() {
    return new Block(
        before.number() + 1, new ObjectId(), agent, before, millis, false, moves, framesWithIds());
  }

  private Frames framesWithIds() {
    return LogBatch.of(before.sequence() + 1, millis, incarnation, accepted).frames();
  }
}
