import io.oplog.client.Endpoint;
import io.oplog.client.StreamClient;
import io.oplog.client.mirror.Fetcher;
import io.oplog.client.mirror.Mirror;
import io.oplog.client.mirror.MirrorChange;
import io.oplog.client.mirror.MirrorOptions;
import io.oplog.client.mirror.MirrorProgress;
import io.oplog.client.mirror.MirrorTarget;
import io.oplog.protocol.Operation;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a copy in SQLite in step with a source: the objects and the position are changed in one
 * transaction. With the jars of oplog-client, oplog-protocol, jackson-core and sqlite-jdbc in a
 * folder {@code lib}:
 *
 * <p>{@code java -cp 'lib/*' SqliteMirror.java http://localhost:8042 http://localhost:8000/api
 * copy.db}
 *
 * <p>Each object is fetched from API/TYPE/ID; 404 means that it is gone.
 */
public final class SqliteMirror {
  private SqliteMirror() {}

  /** Runs until it is killed, or fails. */
  public static void main(String[] args) throws Exception {
    if (args.length != 3) {
      System.err.println("SqliteMirror needs: SERVER API FILE");
      System.exit(64);
    }
    try (Connection database = DriverManager.getConnection("jdbc:sqlite:" + args[2])) {
      new Mirror<>(
              new StreamClient(Endpoint.of(args[0])),
              new SqliteTarget(database),
              new Api(args[1]),
              MirrorOptions.USUAL.withOnProgress(SqliteMirror::show))
          .run();
    }
  }

  private static void show(MirrorProgress progress) {
    System.out.printf(
        "%d replicated, %.0f/s%s%n",
        progress.replicated(), progress.rate(), progress.live() ? ", live" : "");
  }

  /** Tables of objects and of the one checkpoint. */
  private static final class SqliteTarget implements MirrorTarget<String> {
    private final Connection database;

    SqliteTarget(Connection database) throws SQLException {
      this.database = database;
      try (Statement statement = database.createStatement()) {
        statement.execute(
            "CREATE TABLE IF NOT EXISTS object (type TEXT, id TEXT, generation INTEGER, body TEXT,"
                + " PRIMARY KEY (type, id)) WITHOUT ROWID");
        statement.execute(
            "CREATE TABLE IF NOT EXISTS checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT)");
      }
      database.setAutoCommit(false);
    }

    @Override
    public Optional<String> load() throws SQLException {
      try (Statement statement = database.createStatement();
          ResultSet row = statement.executeQuery("SELECT text FROM checkpoint")) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }

    @Override
    public void commit(List<MirrorChange<String>> changes, String checkpoint) throws SQLException {
      try {
        for (MirrorChange<String> change : changes) {
          apply(change);
        }
        run("REPLACE INTO checkpoint VALUES (1, ?)", checkpoint);
        database.commit();
      } catch (SQLException e) {
        database.rollback();
        throw e;
      }
    }

    private void apply(MirrorChange<String> change) throws SQLException {
      if (change instanceof MirrorChange.Put<String> put) {
        run(
            "REPLACE INTO object VALUES (?, ?, ?, ?)",
            put.type(),
            put.id(),
            put.generation(),
            put.object());
      } else if (change instanceof MirrorChange.Remove<String> remove) {
        run("DELETE FROM object WHERE type = ? AND id = ?", remove.type(), remove.id());
      } else if (change instanceof MirrorChange.RemoveOlder<String> older) {
        run("DELETE FROM object WHERE generation < ?", older.generation());
      }
    }

    private void run(String sql, Object... values) throws SQLException {
      try (PreparedStatement statement = database.prepareStatement(sql)) {
        for (int i = 0; i < values.length; i++) {
          statement.setObject(i + 1, values[i]);
        }
        statement.executeUpdate();
      }
    }
  }

  /** The producer's API, which objects are fetched from. */
  private static final class Api implements Fetcher<String> {
    private final HttpClient http = HttpClient.newHttpClient();
    private final String url;

    Api(String url) {
      this.url = url;
    }

    @Override
    public Optional<String> fetch(Operation operation) throws IOException, InterruptedException {
      String path = "/" + encoded(operation.type()) + "/" + encoded(operation.id());
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(30)).build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() == 404) {
        return Optional.empty();
      }
      if (answer.statusCode() != 200) {
        throw new IOException(path + " was answered " + answer.statusCode());
      }
      return Optional.of(answer.body());
    }

    private static String encoded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
  }
}
