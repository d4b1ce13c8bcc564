package io.oplog.connector.mongodb;

import com.mongodb.ConnectionString;
import io.oplog.connector.document.DocumentNeeds;
import io.oplog.core.relay.SourceName;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What is read, and from where. Its text holds no secret.
 *
 * @param server the deployment
 * @param watch how much of it is watched
 * @param needs what of that is wanted
 * @param identity tells apart, by {@link MongoSource#name}, sources on one deployment that want
 *     different things: the text of the rules, for example. Another one means a new scan
 * @param reading by which way; all ways have the same positions
 */
public record MongoSourceOptions(
    ConnectionString server, Watch watch, DocumentNeeds needs, String identity, Reading reading) {
  private static final String PORT = ":27017";

  /** So long a server keeps a question where nothing changes. */
  private static final long AWAIT_MILLIS = 1000;

  public MongoSourceOptions {
    if (reading instanceof Reading.Log && !(watch instanceof Watch.Cluster)) {
      throw new IllegalArgumentException("a server's log is read as a whole");
    }
  }

  /**
   * Options for a whole deployment.
   *
   * @param server such as {@code mongodb://user:password@h1,h2/?replicaSet=rs}
   * @throws IllegalArgumentException when that is no connection string
   */
  public static MongoSourceOptions of(String server, DocumentNeeds needs, String identity) {
    return new MongoSourceOptions(
        new ConnectionString(server), new Watch.Cluster(), needs, identity, new Reading.Changes());
  }

  public MongoSourceOptions withWatch(Watch watched) {
    return new MongoSourceOptions(server, watched, needs, identity, reading);
  }

  public MongoSourceOptions withReading(Reading by) {
    return new MongoSourceOptions(server, watch, needs, identity, by);
  }

  /** The driver wants less than the operator's own limit for an operation, where there is one. */
  long awaitMillis() {
    Long limit = server.getTimeout();
    return limit == null || limit == 0 ? AWAIT_MILLIS : Math.min(AWAIT_MILLIS, limit / 2);
  }

  /** Where it is, without user and password, and in whatever order the hosts are named. */
  public String place() {
    return server.getHosts().stream().map(this::host).sorted().collect(Collectors.joining(","));
  }

  private String host(String given) {
    boolean isWhole = given.contains(":") || server.isSrvProtocol();
    return (isWhole ? given : given + PORT).toLowerCase(Locale.ROOT);
  }

  /** A token for all of this. */
  String name() {
    return SourceName.of("mongodb", place() + "\n" + watch + "\n" + identity);
  }

  @Override
  public String toString() {
    return "MongoSourceOptions[" + place() + ", " + watch + "]";
  }
}
