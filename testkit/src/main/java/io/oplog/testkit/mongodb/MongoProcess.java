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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * A MongoDB server of one test's own, which it may kill, start again and let stand still. Always
 * SecantusDB, a stand-in, which is installed into a cache on first use; where it cannot be had, the
 * test is left out.
 */
public final class MongoProcess implements AutoCloseable {
  private static final String STAND_IN = "SecantusDB==0.7.0b3";
  private static final long START_SECONDS = 60;
  private static final long INSTALL_MINUTES = 5;

  private final Path directory;
  private final int port;
  private List<String> options;
  private Process process;

  private MongoProcess(Path directory, int port, List<String> options) throws IOException {
    this.directory = directory;
    this.port = port;
    this.options = options;
    this.process = launch();
  }

  /**
   * Starts a server on a free port, without data.
   *
   * @param options of its program
   */
  public static MongoProcess start(String... options) {
    try {
      Path directory = Files.createTempDirectory("oplog-mongodb-");
      return new MongoProcess(directory, freePort(), List.of(options));
    } catch (IOException e) {
      throw new TestAbortedException("no MongoDB to test with: " + e.getMessage(), e);
    }
  }

  /** Where it listens, and how it is best talked to. */
  String address() {
    return "mongodb://127.0.0.1:" + port + "?directConnection=true&serverMonitoringMode=poll";
  }

  /** A connection string for a database. */
  public String uri(String database) {
    return "mongodb://127.0.0.1:"
        + port
        + "/"
        + database
        + "?directConnection=true&serverMonitoringMode=poll";
  }

  public int port() {
    return port;
  }

  /** Ends it as a crash does. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /**
   * Ends it in order where it still runs, and starts it again, on the same port and the same data.
   *
   * @param newOptions of its program, in place of those before
   */
  public void restart(String... newOptions) throws IOException {
    process.destroy();
    process.onExit().join();
    options = List.of(newOptions);
    process = launch();
  }

  /** Lets it stand still: connections stay open, and nothing is answered. */
  public void freeze() throws IOException {
    signal("STOP");
  }

  /** Lets it go on. */
  public void thaw() throws IOException {
    signal("CONT");
  }

  private void signal(String name) throws IOException {
    Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
    if (kill.onExit().join().exitValue() != 0) {
      throw new IOException("kill -" + name + " failed");
    }
  }

  /** Kills it and removes its data. */
  @Override
  public void close() {
    kill();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> command() throws IOException {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(standIn().toString(), "--port", Integer.toString(port)));
    command.addAll(List.of("--storage-path", directory.resolve("db").toString()));
    command.addAll(options);
    return command;
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

  private Process launch() throws IOException {
    Process started =
        new ProcessBuilder(command())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    awaitListening(started);
    return started;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitListening(Process started) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!listens()) {
      if (!started.isAlive() || System.nanoTime() > end) {
        started.destroyForcibly();
        throw new IOException("no MongoDB: " + Files.readString(directory.resolve("log")));
      }
      Thread.onSpinWait();
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException _) {
      return false;
    }
  }
}
