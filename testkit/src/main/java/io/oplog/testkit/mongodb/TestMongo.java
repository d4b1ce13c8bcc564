package io.oplog.testkit.mongodb;

import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The MongoDB server that tests use: the one that {@code OPLOG_TEST_MONGODB_URI} names, else a
 * {@link MongoProcess}. One for the whole test run, ended with it. Where none can be had, tests
 * that ask are left out, and say so.
 */
public final class TestMongo {
  private static final String GIVEN = "OPLOG_TEST_MONGODB_URI";

  private final String address;

  private TestMongo(String address) {
    this.address = address;
  }

  private static @Nullable TestMongo shared;
  private static @Nullable String missing;

  /** The server, started at the first call; what did not start then is not tried again. */
  public static synchronized TestMongo shared() {
    if (missing != null) {
      throw new TestAbortedException(missing);
    }
    try {
      TestMongo server = shared == null ? start() : shared;
      shared = server;
      return server;
    } catch (TestAbortedException e) {
      missing = e.getMessage();
      throw e;
    }
  }

  /** A connection string for a database. */
  public String uri(String database) {
    int query = address.indexOf('?');
    String server = query < 0 ? address : address.substring(0, query);
    return server + "/" + database + (query < 0 ? "" : address.substring(query));
  }

  private static TestMongo start() {
    String given = System.getenv(GIVEN);
    return new TestMongo(given == null || given.isEmpty() ? MongoProcess.start().address() : given);
  }
}
