package io.oplog.server.crash;

/** Where the chance of a test comes from, and how to have it again. */
final class Seeds {
  private Seeds() {}

  /** The seed that the system property asks for, or a new one; printed with its reproduction. */
  static long of(Class<?> test) {
    long seed = Long.getLong("oplog.seed", System.nanoTime() & 0xffff_ffffL);
    System.out.printf(
        "%s seed %d; again: mvn verify -pl server -am -Dtest=none"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=%s -Doplog.seed=%d%n",
        test.getSimpleName(), seed, test.getSimpleName(), seed);
    return seed;
  }
}
