package io.oplog.testkit.redis;

import io.oplog.testkit.TlsCertificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * A Redis server of one test's own, which it may kill and start again. The {@code redis-server} on
 * the path, else the one of embedded-redis, where a module has that among its test dependencies;
 * where there is none, the test is left out.
 */
public final class RedisProcess implements AutoCloseable {
  private static final Pattern WORDS = Pattern.compile(" ");
  private static final String PROGRAM = "redis-server";
  private static final String EMBEDDED = "/redis-server-6.2.6-v5-linux-amd64";
  private static final long START_SECONDS = 30;
  private static final int ANSWER_MILLIS = 1000;

  private static @Nullable Path unpacked;

  private final Path program;
  private final Path directory;
  private final int port;
  private Process process;

  private RedisProcess(Path program, Path directory, int port, List<String> options)
      throws IOException {
    this.program = program;
    this.directory = directory;
    this.port = port;
    this.process = launch(options);
  }

  /**
   * Starts a server on a free port, which keeps nothing on disk.
   *
   * @param options of its program, as in {@code --requirepass}
   */
  public static RedisProcess start(String... options) {
    try {
      Path directory = Files.createTempDirectory("oplog-redis-");
      return new RedisProcess(program(), directory, freePort(), keepingNothing(options));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> keepingNothing(String... options) {
    return Stream.concat(Stream.of("--save", ""), Stream.of(options)).toList();
  }

  /**
   * Starts a server that is reached by TLS at one more port.
   *
   * @param options as for {@link #start}
   */
  public static RedisProcess startTls(int port, TlsCertificate certificate, String... options) {
    Stream<String> tls =
        tls(port, certificate).map(one -> "--" + one).flatMap(WORDS::splitAsStream);
    return start(Stream.concat(tls, Stream.of(options)).toArray(String[]::new));
  }

  /** What a configuration file says of it, by line. */
  private static Stream<String> tls(int port, TlsCertificate certificate) {
    return Stream.of(
        "tls-port " + port,
        "tls-cert-file " + certificate.file(),
        "tls-key-file " + certificate.key(),
        "tls-ca-cert-file " + certificate.file());
  }

  /** Starts a server that follows another one. */
  public static RedisProcess startReplica(RedisProcess primary) {
    return start("--replicaof", "127.0.0.1", Integer.toString(primary.port));
  }

  /**
   * Starts a Sentinel, which knows one server by a name, and alone decides that it is down when it
   * has said nothing for a second.
   */
  public static RedisProcess startSentinel(String name, RedisProcess watched) {
    return startSentinel(name, watched.port, Stream.empty());
  }

  /**
   * The same, reached by TLS at one more port.
   *
   * @param watched port of a server by TLS
   */
  public static RedisProcess startTlsSentinel(
      String name, int watched, int port, TlsCertificate certificate) {
    Stream<String> open = Stream.of("tls-replication yes", "tls-auth-clients no");
    return startSentinel(name, watched, Stream.concat(tls(port, certificate), open));
  }

  private static RedisProcess startSentinel(String name, int watched, Stream<String> options) {
    Stream<String> monitor =
        Stream.of(
            "sentinel monitor " + name + " 127.0.0.1 " + watched + " 1",
            "sentinel down-after-milliseconds " + name + " 1000");
    try {
      Path directory = Files.createTempDirectory("oplog-redis-");
      Path config = directory.resolve("sentinel.conf");
      Files.write(config, Stream.concat(options, monitor).toList());
      return new RedisProcess(
          program(), directory, freePort(), List.of(config.toString(), "--sentinel"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public int port() {
    return port;
  }

  /** Its address. */
  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Ends it as a crash does. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Starts it again after it was killed, on the same port and with what it has on disk. */
  public void restart(String... options) throws IOException {
    process = launch(keepingNothing(options));
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

  private Process launch(List<String> options) throws IOException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(options);
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--dir", directory.toString()));
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
    awaitAnswering(started);
    return started;
  }

  private static synchronized Path program() throws IOException {
    for (String folder : String.valueOf(System.getenv("PATH")).split(":", -1)) {
      Path candidate = Path.of(folder, PROGRAM);
      if (Files.isExecutable(candidate)) {
        return candidate;
      }
    }
    Path ready = unpacked == null ? unpack() : unpacked;
    unpacked = ready;
    return ready;
  }

  private static Path unpack() throws IOException {
    try (InputStream packed = RedisProcess.class.getResourceAsStream(EMBEDDED)) {
      if (packed == null) {
        throw new TestAbortedException("neither " + PROGRAM + " on the path nor " + EMBEDDED);
      }
      Path file = Files.createTempFile("oplog-redis-server-", "");
      file.toFile().deleteOnExit();
      Files.copy(packed, file, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
      return file;
    }
  }

  /** A port that nobody listens at. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitAnswering(Process started) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!isReady()) {
      if (!started.isAlive() || System.nanoTime() > end) {
        started.destroyForcibly();
        throw new IOException("no Redis: " + Files.readString(directory.resolve("log")));
      }
      Thread.onSpinWait();
    }
  }

  /** Whether it answers a ping, be it by asking for the password, and is done with loading. */
  private boolean isReady() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(ANSWER_MILLIS);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(5);
      String text = new String(answer, StandardCharsets.US_ASCII);
      return text.startsWith("+PONG") || text.startsWith("-NOAU");
    } catch (IOException _) {
      return false;
    }
  }
}
