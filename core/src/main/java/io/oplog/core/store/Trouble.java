package io.oplog.core.store;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Something that fails for a while and is tried again and again: said once when it begins, and once
 * when it is over. Thread-safe.
 */
public final class Trouble {
  private record Spell(String reason, long beganNanos, long lastNanos) {}

  private final Logger log;
  private final String failing;
  private final String well;
  private final long quietNanos;
  private volatile @Nullable Spell spell;

  /**
   * Over as soon as it does not fail.
   *
   * @param failing what is said when it begins, with the reason after it
   * @param well what is said when it is over, with the time after it
   */
  public Trouble(Logger log, String failing, String well) {
    this(log, failing, well, Duration.ZERO);
  }

  /**
   * One that is over only when it has not failed for a while, since it may go well by chance.
   *
   * @param quiet that while
   */
  public Trouble(Logger log, String failing, String well, Duration quiet) {
    this.log = log;
    this.failing = failing;
    this.well = well;
    this.quietNanos = quiet.toNanos();
  }

  /** It failed. */
  public synchronized void met(@Nullable String reason) {
    String told = String.valueOf(reason);
    long now = System.nanoTime();
    Spell before = spell;
    if (before == null) {
      log.warn("{}: {}", failing, told);
    }
    spell = new Spell(told, before == null ? now : before.beganNanos(), now);
  }

  /** It did not fail. Cheap while it never did. */
  public void over() {
    if (spell != null) {
      end(System.nanoTime());
    }
  }

  private synchronized void end(long now) {
    Spell was = spell;
    if (was != null && now - was.lastNanos() >= quietNanos) {
      spell = null;
      long seconds = TimeUnit.NANOSECONDS.toSeconds(now - was.beganNanos());
      log.info("{}, after {} s", well, seconds);
    }
  }

  /** Why it fails now; null when it does not. */
  public @Nullable String reason() {
    Spell now = spell;
    return now == null ? null : now.reason();
  }
}
