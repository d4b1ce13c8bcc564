package io.oplog.core.store;

/** The clocks a store reads. Thread-safe. */
public interface StoreClock {

  /** The machine's clocks. */
  StoreClock SYSTEM =
      new StoreClock() {
        @Override
        public long wallMillis() {
          return System.currentTimeMillis();
        }

        @Override
        public long monotonicMillis() {
          return System.nanoTime() / 1_000_000;
        }
      };

  /** Milliseconds since the epoch; may be stepped, forwards and backwards. */
  long wallMillis();

  /** Milliseconds from an arbitrary origin; never falls, and is not stepped with the wall clock. */
  long monotonicMillis();
}
