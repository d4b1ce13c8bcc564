package io.oplog.server.command;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.oplog.testkit.Signal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The built program, started by its launcher as a process of its own, its output in files. Killed
 * when it is closed.
 */
final class OplogProcess implements AutoCloseable {
  static final Path JAR = Path.of(System.getProperty("oplog.jar", "target/oplog.jar"));
  static final Path LAUNCHER = Path.of(System.getProperty("oplog.root", "..")).resolve("oplog");

  private static final Pattern LISTENING = Pattern.compile("listening on \\S*:(\\d+)");
  private static final long LIMIT_SECONDS = 60;

  private final Process process;
  private final Path out;
  private final Path err;

  private OplogProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /** A program that is made ready to start. */
  static final class Builder {
    private final ProcessBuilder builder;
    private final Path out;
    private final Path err;

    private Builder(Path launcher, Path folder, List<String> arguments) throws IOException {
      out = Files.createTempFile(folder, "out", ".txt");
      err = Files.createTempFile(folder, "err", ".txt");
      List<String> command = new ArrayList<>(List.of(launcher.toString()));
      command.addAll(arguments);
      builder =
          new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("OPLOG"));
      builder.environment().put("OPLOG_JAVA_HOME", System.getProperty("java.home"));
    }

    Builder with(Map<String, String> environment) {
      builder.environment().putAll(environment);
      return this;
    }

    /** With so many descriptors at most. */
    Builder limitedTo(int descriptors) {
      List<String> limited = new ArrayList<>();
      limited.addAll(List.of("sh", "-c", "ulimit -n " + descriptors + "; exec \"$@\"", "sh"));
      limited.addAll(builder.command());
      builder.command(limited);
      return this;
    }

    Builder without(String variable) {
      builder.environment().remove(variable);
      return this;
    }

    Builder input(Path file) {
      builder.redirectInput(file.toFile());
      return this;
    }

    OplogProcess start() throws IOException {
      return new OplogProcess(builder.start(), out, err);
    }

    /** Runs it to its end. */
    OplogProcess run() throws IOException {
      OplogProcess process = start();
      process.awaitEnd();
      return process;
    }
  }

  /** The command with arguments; its output goes to new files in {@code folder}. */
  static Builder command(Path folder, String... arguments) throws IOException {
    return new Builder(LAUNCHER, folder, List.of(arguments)).with(builtJar());
  }

  /** The command of a source checkout. */
  static Builder of(Path checkout, Path folder, String... arguments) throws IOException {
    return new Builder(checkout.resolve("oplog"), folder, List.of(arguments));
  }

  private static Map<String, String> builtJar() {
    return Map.of("OPLOG_JAR", JAR.toAbsolutePath().toString());
  }

  /** A server on a free port, with its data in {@code folder/data}, that listens already. */
  static OplogProcess serve(Path folder, String... options) throws IOException {
    OplogProcess server = serving(folder, options).start();
    server.awaitListening();
    return server;
  }

  static Builder serving(Path folder, String... options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("serve"));
    arguments.addAll(List.of(options));
    return new Builder(LAUNCHER, folder, arguments)
        .with(builtJar())
        .with(Map.of("OPLOG_LISTEN", "127.0.0.1:0", "OPLOG_DATA", folder + "/data"));
  }

  void awaitListening() throws IOException {
    await(() -> LISTENING.matcher(out()).find() || !process.isAlive());
    if (!process.isAlive()) {
      throw new IOException("ended with " + process.exitValue() + ": " + err());
    }
  }

  /** As {@link #awaitListening}, for one whose output is for others. */
  void awaitListeningOnError() {
    await(() -> LISTENING.matcher(err()).find());
  }

  String urlOnError() {
    Matcher listening = LISTENING.matcher(err());
    if (!listening.find()) {
      throw new IllegalStateException("does not listen: " + err());
    }
    return "http://127.0.0.1:" + listening.group(1);
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  int port() {
    Matcher listening = LISTENING.matcher(out());
    if (!listening.find()) {
      throw new IllegalStateException("does not listen: " + err());
    }
    return Integer.parseInt(listening.group(1));
  }

  /** What it reads. */
  OutputStream in() {
    return process.getOutputStream();
  }

  String out() {
    return text(out);
  }

  String err() {
    return text(err);
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Ends it as an operator does, its input still open, and gives its exit code. */
  int stop() {
    // the process's own method would also end its input
    boolean _ = process.toHandle().destroy();
    return awaitEnd();
  }

  /** Ends it as a crash does. */
  void kill() {
    process.destroyForcibly();
    awaitEnd();
  }

  /** Lets it stand still, as a machine does that is out of memory or suspended. */
  void freeze() throws IOException {
    Signal.STOP.to(process);
  }

  /** Lets it go on. */
  void thaw() throws IOException {
    Signal.CONT.to(process);
  }

  int awaitEnd() {
    try {
      if (!process.waitFor(LIMIT_SECONDS, SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("did not end: " + out() + err());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  int exitCode() {
    return process.exitValue();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** How many descriptors it has open. */
  long descriptors() {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits for a condition. */
  static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("waited in vain");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(10);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    awaitEnd();
  }
}
