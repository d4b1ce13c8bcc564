package io.oplog.server.http;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What the HTTP side counts. Any thread. */
public final class HttpCounters {
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger tunnels = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private final LongAdder accepted = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder cut = new LongAdder();
  private final LongAdder stored = new LongAdder();
  private final Map<Integer, LongAdder> answers = new ConcurrentHashMap<>();

  /**
   * The counters at about one moment.
   *
   * @param open TCP connections now, streams included
   * @param accepted TCP connections so far, refused ones included
   * @param refused TCP connections turned away because there were too many
   * @param cut connections ended because what waited for them took too much memory
   * @param tunnels connections that are handed another server's stream
   * @param answers answers so far by status code
   */
  public record Snapshot(
      int open, long accepted, long refused, long cut, int tunnels, Map<Integer, Long> answers) {}

  public Snapshot snapshot() {
    Map<Integer, Long> byStatus = new TreeMap<>();
    answers.forEach((status, count) -> byStatus.put(status, count.sum()));
    byStatus.merge(204, stored.sum(), Long::sum);
    return new Snapshot(
        open.get(), accepted.sum(), refused.sum(), cut.sum(), tunnels.get(), byStatus);
  }

  /** Takes one of {@code max} places for a connection. */
  boolean open(int max) {
    accepted.increment();
    if (open.incrementAndGet() <= max) {
      return true;
    }
    open.decrementAndGet();
    refused.increment();
    return false;
  }

  void tunnelOpened() {
    tunnels.incrementAndGet();
  }

  void tunnelClosed() {
    tunnels.decrementAndGet();
  }

  void closed() {
    open.decrementAndGet();
  }

  /** Takes one of {@code max} places for telling a client why it is turned away. */
  boolean refusing(int max) {
    if (refusals.incrementAndGet() <= max) {
      return true;
    }
    refusals.decrementAndGet();
    return false;
  }

  void refusalEnded() {
    refusals.decrementAndGet();
  }

  void cut() {
    cut.increment();
  }

  /** An ingest request was acknowledged: the common case, counted without a look-up. */
  void stored() {
    stored.increment();
  }

  void answered(int status) {
    answers.computeIfAbsent(status, _ -> new LongAdder()).increment();
  }
}
