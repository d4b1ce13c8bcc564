package io.oplog.store.mongodb;

import io.oplog.core.store.Outcome;
import io.oplog.core.store.SourceMove;
import io.oplog.core.store.StoreException;
import io.oplog.core.store.Submission;
import io.oplog.protocol.EventId;
import io.oplog.protocol.Frame;
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
  private final int incarnation;
  private final Sources sources;
  private final Map<String, String> moves = new TreeMap<>();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final List<Frames> accepted = new ArrayList<>();
  private long last;
  private int bytes;

  BlockBuilder(Place before, long millis, int incarnation, Sources sources) {
    this.before = before;
    this.millis = millis;
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
    bytes += frames.length();
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
        before.number() + 1, new ObjectId(), before, millis, false, moves, framesWithIds());
  }

  private Frames framesWithIds() {
    Frames all = new Frames(new byte[bytes], new int[Math.toIntExact(last - before.sequence())]);
    int at = 0;
    int index = 0;
    for (Frames frames : accepted) {
      System.arraycopy(frames.bytes(), 0, all.bytes(), at, frames.length());
      for (int i = 0; i < frames.count(); i++) {
        long sequence = before.sequence() + 1 + index;
        Frame.putId(all.bytes(), at + frames.start(i), millis / 1000, incarnation, sequence);
        all.ends()[index++] = at + frames.ends()[i];
      }
      at += frames.length();
    }
    return all;
  }
}
