package io.oplog.testkit.mongodb;

import com.mongodb.MongoException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.oplog.testkit.TcpProxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The MongoDB server that tests use: the one that {@code OPLOG_TEST_MONGODB_URI} names, whose test
 * databases are dropped at the end; else the {@code mongod} on the path, else a {@link
 * MongoProcess}, ended with the test run. Where none can be had, tests that ask are left out, and
 * say so.
 */
public final class TestMongo {
  private static final String GIVEN = "OPLOG_TEST_MONGODB_URI";

  private static final int PORT = 27017;

  private final String address;
  private final Set<String> databases = ConcurrentHashMap.newKeySet();

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
    databases.add(database);
    int query = address.indexOf('?');
    String server = query < 0 ? address : address.substring(0, query);
    String place = server.endsWith("/") ? server : server + "/";
    return place + database + (query < 0 ? "" : address.substring(query));
  }

  /**
   * The server, for a {@link TcpProxy} before it. Tests that ask for it are left out where it is
   * none that is one node at one address.
   */
  public InetSocketAddress node() {
    URI uri = singleNode();
    return new InetSocketAddress(uri.getHost(), uri.getPort() < 0 ? PORT : uri.getPort());
  }

  /** A connection string for a database, by way of a proxy on this machine. */
  public String uri(TcpProxy proxy, String database) {
    URI uri = singleNode();
    String user = uri.getRawUserInfo() == null ? "" : uri.getRawUserInfo() + "@";
    String query = uri.getRawQuery() == null ? "" : uri.getRawQuery();
    String options =
        Stream.concat(Stream.of("directConnection=true"), Stream.of(query.split("&")))
            .filter(option -> !option.isEmpty() && !option.startsWith("replicaSet="))
            .distinct()
            .collect(Collectors.joining("&"));
    databases.add(database);
    return "mongodb://" + user + "127.0.0.1:" + proxy.port() + "/" + database + "?" + options;
  }

  private URI singleNode() {
    URI uri = URI.create(address);
    if (!"mongodb".equals(uri.getScheme()) || uri.getHost() == null) {
      throw new TestAbortedException(GIVEN + " names several nodes, or none by its address");
    }
    return uri;
  }

  private static TestMongo start() {
    String given = System.getenv(GIVEN);
    if (given == null || given.isEmpty()) {
      return new TestMongo(
          ReplicaSet.program().map(TestMongo::started).orElseGet(TestMongo::other));
    }
    TestMongo server = new TestMongo(given);
    Runtime.getRuntime().addShutdownHook(new Thread(server::dropDatabases));
    return server;
  }

  private static String started(Path mongod) {
    try {
      return ReplicaSet.start(mongod);
    } catch (IOException | MongoException | ConditionTimeoutException e) {
      throw new TestAbortedException(mongod + " cannot be used: " + e.getMessage(), e);
    }
  }

  private static String other() {
    return MongoProcess.start().address();
  }

  private void dropDatabases() {
    try (MongoClient client = MongoClients.create(address)) {
      databases.forEach(name -> client.getDatabase(name).drop());
    } catch (MongoException e) {
      System.err.println("left behind in " + GIVEN + ": " + databases + ": " + e.getMessage());
    }
  }
}
