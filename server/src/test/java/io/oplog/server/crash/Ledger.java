package io.oplog.server.crash;

import io.oplog.protocol.EventId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What was sent, and what of it was acknowledged. A body that is not acknowledged may be stored or
 * not. Safe from any thread.
 */
final class Ledger {

  /**
   * A promise of the server.
   *
   * @param last the id that the server gave to the last operation; null when it only said that all
   *     are stored
   */
  record Acknowledged(Body body, @Nullable EventId last) {}

  private final TreeMap<Long, Body> sent = new TreeMap<>();
  private final List<Acknowledged> acknowledged = new ArrayList<>();
  private final Map<Integer, AtomicLong> answers = new ConcurrentHashMap<>();
  private long nextNumber = 1;
  private long acknowledgedOperations;

  /** Numbers for operations that are about to be sent. */
  Body next(int count, Body.@Nullable Step step) {
    return next(count, step, true);
  }

  /** For one whose producer never hears of it. */
  Body nextUnanswered(int count) {
    return next(count, null, false);
  }

  private synchronized Body next(int count, Body.@Nullable Step step, boolean answered) {
    Body body = new Body(nextNumber, count, step, answered);
    nextNumber += count;
    sent.put(body.first(), body);
    return body;
  }

  synchronized void acknowledged(Body body, @Nullable EventId last) {
    acknowledged.add(new Acknowledged(body, last));
    acknowledgedOperations += body.count();
  }

  /** The promises since the last call. */
  synchronized List<Acknowledged> takeAcknowledged() {
    List<Acknowledged> taken = List.copyOf(acknowledged);
    acknowledged.clear();
    return taken;
  }

  /** The body that an operation was sent in, or null when it never was. */
  synchronized @Nullable Body bodyOf(long number) {
    Map.Entry<Long, Body> entry = sent.floorEntry(number);
    return entry != null && number <= entry.getValue().last() ? entry.getValue() : null;
  }

  synchronized long acknowledgedOperations() {
    return acknowledgedOperations;
  }

  void answered(int status) {
    answers.computeIfAbsent(status, _ -> new AtomicLong()).incrementAndGet();
  }

  /** How many requests were answered with a status. */
  long answers(int status) {
    AtomicLong count = answers.get(status);
    return count == null ? 0 : count.get();
  }

  synchronized String summary() {
    return "%,d operations sent, %,d acknowledged, answers %s"
        .formatted(nextNumber - 1, acknowledgedOperations, answers);
  }
}
