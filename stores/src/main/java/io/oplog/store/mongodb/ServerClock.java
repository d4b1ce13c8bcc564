package io.oplog.store.mongodb;

import io.oplog.core.store.StoreClock;
import io.oplog.core.store.Trouble;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The wall clock of the database server, which all agents share: what it showed when it was asked
 * last, and the time since then by this machine's monotonic clock. So a step of this machine's wall
 * clock moves nothing. Thread-safe.
 */
final class ServerClock implements StoreClock {
  private static final Logger LOG = LoggerFactory.getLogger(ServerClock.class);

  /** A slower answer tells less than is known already. */
  private static final long SLOW_MICROS = 1_000_000;

  private static final long MOST_DIFFERENCE = 5000;

  private record Reading(long server, long monotonic, long roundTripMicros) {}

  private final StoreClock own;
  private final LongSupplier server;
  private final Trouble apart =
      new Trouble(
          LOG,
          "This machine's clock and that of the database server differ, and only the latter counts",
          "This machine's clock and that of the database server agree again");
  private volatile Reading last;

  /**
   * Asks the server first.
   *
   * @param own this machine's clocks
   * @param server asks the server, in milliseconds since the epoch
   */
  ServerClock(StoreClock own, LongSupplier server) {
    this.own = own;
    this.server = server;
    this.last = read();
  }

  /** Asks the server again, so that neither clock's drift adds up. Called now and then. */
  void ask() {
    Reading now = read();
    if (now.roundTripMicros() <= SLOW_MICROS) {
      last = now;
    }
    long difference = differenceMillis();
    if (Math.abs(difference) > MOST_DIFFERENCE) {
      apart.met("this one is " + difference + " ms ahead (behind where negative)");
    } else {
      apart.over();
    }
  }

  private Reading read() {
    long asked = System.nanoTime();
    long told = server.getAsLong();
    long micros = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - asked);
    return new Reading(told + micros / 2000, own.monotonicMillis(), micros);
  }

  @Override
  public long wallMillis() {
    Reading now = last;
    return now.server() + own.monotonicMillis() - now.monotonic();
  }

  @Override
  public long monotonicMillis() {
    return own.monotonicMillis();
  }

  /** How far this machine's clock is ahead of the server's. */
  long differenceMillis() {
    return own.wallMillis() - wallMillis();
  }

  /** How long the server took to answer a small question. */
  long roundTripMicros() {
    return last.roundTripMicros();
  }
}
