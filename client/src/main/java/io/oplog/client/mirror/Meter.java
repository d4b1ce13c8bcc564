package io.oplog.client.mirror;

import io.oplog.protocol.StreamEvent;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Tells how far a replication is, not too often. Not thread-safe. */
final class Meter {
  private static final long EACH_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Consumer<MirrorProgress> hears;
  private final long beganNanos = System.nanoTime();
  private long toldNanos = beganNanos;
  private long replicated;
  private boolean isLive;

  Meter(Consumer<MirrorProgress> hears) {
    this.hears = hears;
  }

  /** What an event means is committed. */
  void committed(StreamEvent event) {
    if (event instanceof StreamEvent.Change) {
      replicated++;
    }
    boolean becomesLive = event instanceof StreamEvent.Live;
    isLive = becomesLive || (isLive && !(event instanceof StreamEvent.Reset));
    long now = System.nanoTime();
    if (becomesLive || now - toldNanos >= EACH_NANOS) {
      toldNanos = now;
      double seconds = Math.max(now - beganNanos, 1) / 1e9;
      hears.accept(new MirrorProgress(replicated, replicated / seconds, isLive));
    }
  }
}
