package io.oplog.core.store;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Something that fails for a while and is tried again and again: said once when it begins, and once
 * when it is over. Thread-safe.
 */
public final class Trouble {
  private record Spell(String reason, long beganNanos) {}

  private final Logger log;
  private final String failing;
  private final String well;
  private volatile @Nullable Spell spell;

  /**
   * @param failing what is said when it begins, with the reason after it
   * @param well what is said when it is over, with the time after it
   */
  public Trouble(Logger log, String failing, String well) {
    this.log = log;
    this.failing = failing;
    this.well = well;
  }

  /** It failed. */
  public synchronized void met(@Nullable String reason) {
    String told = String.valueOf(reason);
    Spell now = spell;
    if (now == null) {
      log.warn("{}: {}", failing, told);
    }
    spell = new Spell(told, now == null ? System.nanoTime() : now.beganNanos());
  }

  /** It did not fail. Cheap while it never did. */
  public void over() {
    if (spell != null) {
      end();
    }
  }

  private synchronized void end() {
    Spell now = spell;
    if (now != null) {
      spell = null;
      long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - now.beganNanos());
      log.info("{}, after {} s", well, seconds);
    }
  }

  /** Why it fails now; null when it does not. */
  public @Nullable String reason() {
    Spell now = spell;
    return now == null ? null : now.reason();
  }
}
