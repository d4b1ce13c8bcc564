package io.oplog.store.mongodb;

import com.mongodb.ConnectionString;
import io.oplog.core.store.Retention;
import io.oplog.core.store.StoreClock;
import java.time.Duration;

/**
 * How the store is opened. Its text holds no secret.
 *
 * @param server the deployment and, in its path, the database
 * @param retention how much is kept
 * @param clock this machine's clocks: commit times and ages are the server's
 * @param patience how long an append tries before it fails, and one after it a tenth of that until
 *     one succeeds; an attempt that has begun then may take some seconds more
 */
public record MongoOptions(
    ConnectionString server, Retention retention, StoreClock clock, Duration patience) {
  private static final String DATABASE = "oplog";

  /**
   * Options for a server, with everything else as it is by default.
   *
   * @param server such as {@code mongodb://user:password@h1,h2/oplog?replicaSet=rs}
   * @throws IllegalArgumentException when that is no connection string
   */
  public static MongoOptions of(String server) {
    return new MongoOptions(
        new ConnectionString(server),
        Retention.DEFAULTS,
        StoreClock.SYSTEM,
        Duration.ofSeconds(15));
  }

  public MongoOptions withRetention(Retention kept) {
    return new MongoOptions(server, kept, clock, patience);
  }

  public MongoOptions withClock(StoreClock clocks) {
    return new MongoOptions(server, retention, clocks, patience);
  }

  public MongoOptions withPatience(Duration time) {
    return new MongoOptions(server, retention, clock, time);
  }

  /** The database's name. */
  String database() {
    return server.getDatabase() == null ? DATABASE : server.getDatabase();
  }

  /** Where the store is, without user and password. */
  public String place() {
    return String.join(",", server.getHosts()) + "/" + database();
  }

  @Override
  public String toString() {
    return "MongoOptions[" + place() + ", retention=" + retention + ", patience=" + patience + "]";
  }
}
