package io.oplog.testkit.model;

import java.util.stream.LongStream;

/** The seeds of a model test: the same ones each time, two new ones, or just the one asked for. */
public final class ModelSeeds {
  /** Set to run one seed again. */
  public static final String PROPERTY = "oplog.seed";

  private ModelSeeds() {}

  public static boolean isOneAskedFor() {
    return Long.getLong(PROPERTY) != null;
  }

  /**
   * The seeds to run.
   *
   * @param fixed how many that stay the same
   */
  public static long[] seeds(int fixed) {
    Long asked = Long.getLong(PROPERTY);
    if (asked != null) {
      return new long[] {asked};
    }
    long fresh = System.nanoTime();
    return LongStream.concat(LongStream.rangeClosed(1, fixed), LongStream.of(fresh, fresh + 1))
        .toArray();
  }

  /** How a failure is brought about again. */
  public static String again(String module, String test, long seed) {
    return "seed %d; again: mvn verify -pl %s -am -Dtest=%s -Dsurefire.failIfNoSpecifiedTests=false -D%s=%d"
        .formatted(seed, module, test, PROPERTY, seed);
  }
}
