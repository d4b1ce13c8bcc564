package io.oplog.client;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Operations that wait to be published, in their order. Not thread-safe. */
final class Outbox {
  private static final int MOST_WAITING = 10_000;
  private static final int MOST_WAITING_BYTES = 16 << 20;
  private static final int MOST_IN_A_BATCH = 1000;

  /**
   * A server that takes less has it in parts, but one that said so once is not doubted for ever.
   */
  private static final int LEAST_BYTES = 64 << 10;

  private final Deque<Line> waiting = new ArrayDeque<>();
  private int waitingBytes;

  /** In a batch; less where a server has said so. */
  private int mostBytes = 1 << 20;

  private long added;
  private long settled;

  /**
   * An operation, and who waits for its end.
   *
   * @param bytes its JSON, with the end of the line
   */
  @SuppressWarnings("ArrayRecordComponent") // never changed
  record Line(byte[] bytes, CompletableFuture<String> stored) {

    static byte[] join(List<Line> lines) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      lines.forEach(line -> all.write(line.bytes, 0, line.bytes.length));
      return all.toByteArray();
    }
  }

  /** Whether no more should be added now. */
  boolean isFull() {
    return waiting.size() >= MOST_WAITING || waitingBytes >= MOST_WAITING_BYTES;
  }

  void add(Line line) {
    waiting.addLast(line);
    waitingBytes += line.bytes().length;
    added++;
  }

  /** Takes what is sent together; empty where nothing waits. */
  List<Line> takeBatch() {
    List<Line> batch = new ArrayList<>();
    int bytes = 0;
    while (!waiting.isEmpty() && batch.size() < MOST_IN_A_BATCH) {
      bytes += waiting.getFirst().bytes().length;
      if (!batch.isEmpty() && bytes > mostBytes) {
        break;
      }
      batch.add(waiting.removeFirst());
    }
    batch.forEach(line -> waitingBytes -= line.bytes().length);
    return batch;
  }

  /** A server does not take so much at once. */
  void tooLarge(int bytes) {
    mostBytes = Math.max(LEAST_BYTES, Math.min(mostBytes, bytes / 2));
  }

  /** So many that were taken have ended. */
  void settle(int count) {
    settled += count;
  }

  /** How many were ever added. */
  long added() {
    return added;
  }

  /** How many of those have ended, from the first on. */
  long settled() {
    return settled;
  }
}
