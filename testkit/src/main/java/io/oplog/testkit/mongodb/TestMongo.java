package io.oplog.testkit.mongodb;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * The MongoDB server that tests use: the one that {@code OPLOG_TEST_MONGODB_URI} names, else
 * SecantusDB, a stand-in, which is installed into a cache on first use. One for the whole test run,
 * ended with it. Where none can be had, tests that ask are left out, and say so.
 */
public final class TestMongo {
  private static final String GIVEN = "OPLOG_TEST_MONGODB_URI";
  private static final String STAND_IN = "SecantusDB==0.7.0b3";
  private static final long START_SECONDS = 60;
  private static final long INSTALL_MINUTES = 5;

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
    if (given != null && !given.isEmpty()) {
      return new TestMongo(given);
    }
    try {
      Path directory = Files.createTempDirectory("oplog-mongodb-");
      int port = freePort();
      Process process = launch(command(directory, port), directory);
      awaitListening(port, process, directory);
      return new TestMongo("mongodb://127.0.0.1:" + port + "?directConnection=true");
    } catch (IOException e) {
      throw new TestAbortedException("no MongoDB to test with: " + e.getMessage(), e);
    }
  }

  private static List<String> command(Path directory, int port) throws IOException {
    String name = Integer.toString(port);
    String data = directory.resolve("db").toString();
    return List.of(standIn().toString(), "--port", name, "--storage-path", data);
  }

  /** The stand-in's program; installed where it is not yet. */
  private static Path standIn() throws IOException {
    Path cache = Path.of(System.getProperty("user.home"), ".cache", "oplog-test");
    Path home = cache.resolve(STAND_IN.replace("==", "-"));
    Files.createDirectories(cache);
    try (FileChannel channel =
            FileChannel.open(
                cache.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      Path done = home.resolve("installed");
      if (!Files.exists(done)) {
        run(cache, "python3", "-m", "venv", "--clear", home.toString());
        run(cache, home.resolve("bin/pip").toString(), "install", "-q", STAND_IN);
        Files.createFile(done);
      }
    }
    return home.resolve("bin/secantusd-py");
  }

  private static void run(Path directory, String... command) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("install.log").toFile())
            .start();
    try {
      if (!process.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IOException(
            String.join(" ", command)
                + " failed: "
                + Files.readString(directory.resolve("install.log")));
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  private static Process launch(List<String> command, Path directory) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return process;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(int port, Process process, Path directory) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!listens(port)) {
      if (!process.isAlive() || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new IOException("no MongoDB: " + Files.readString(directory.resolve("log")));
      }
      Thread.onSpinWait();
    }
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
