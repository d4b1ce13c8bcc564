package io.oplog.core.store;

import io.oplog.protocol.Frame;
import io.oplog.protocol.Frames;
import java.util.List;

/**
 * Operations that were committed together, with their ids in place. Never empty.
 *
 * @param first sequence of the first one; the others follow without a hole
 * @param commitMillis when they were committed, milliseconds since the epoch
 * @param frames the operations
 */
public record LogBatch(long first, long commitMillis, Frames frames) {

  /**
   * Puts frames together, and the ids into the copy.
   *
   * @param accepted frames whose ids are still blank
   */
  public static LogBatch of(long first, long commitMillis, int incarnation, List<Frames> accepted) {
    int bytes = accepted.stream().mapToInt(Frames::length).reduce(0, Math::addExact);
    int count = accepted.stream().mapToInt(Frames::count).sum();
    Frames all = new Frames(new byte[bytes], new int[count]);
    int at = 0;
    int index = 0;
    for (Frames frames : accepted) {
      System.arraycopy(frames.bytes(), 0, all.bytes(), at, frames.length());
      for (int i = 0; i < frames.count(); i++) {
        int start = at + frames.start(i);
        Frame.putId(all.bytes(), start, commitMillis / 1000, incarnation, first + index);
        all.ends()[index++] = at + frames.ends()[i];
      }
      at += frames.length();
    }
    return new LogBatch(first, commitMillis, all);
  }

  public long last() {
    return first + frames.count() - 1;
  }
}
