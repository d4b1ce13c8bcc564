package io.oplog.server.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.oplog.testkit.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A running server. */
final class ServerProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Process process;
  private final Path output;
  private final int port;

  private ServerProcess(Process process, Path output, int port) {
    this.process = process;
    this.output = output;
    this.port = port;
  }

  static ServerProcess start(ProcessBuilder builder, int port) throws IOException {
    Path output = Files.createTempFile("oplog-server-", ".log");
    output.toFile().deleteOnExit();
    Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new ServerProcess(process, output, port);
  }

  /** What it printed so far. */
  String output() throws IOException {
    return Files.readString(output);
  }

  /** Waits until it takes operations; fails when it ends instead. */
  ServerProcess awaitReady() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!ready()) {
      if (!process.isAlive()) {
        fail("the server ended with %d:%n%s".formatted(process.exitValue(), output()));
      }
      assertThat(System.nanoTime()).as("not ready in time:%n%s", output()).isLessThan(deadline);
      Worker.pause(Duration.ofMillis(10));
    }
    return this;
  }

  /** Waits until it takes operations, or until it ends with a code and a word about the disk. */
  void awaitReadyOrExit(int code) throws IOException {
    try {
      awaitReady();
    } catch (AssertionError e) {
      if (process.isAlive() || process.exitValue() != code) {
        throw e;
      }
      assertThat(output()).contains("Input/output error").doesNotContain("\tat ");
    }
  }

  private boolean ready() {
    try {
      return Wire.get(port, "/readyz").status() == 200;
    } catch (IOException _) {
      return false;
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Waits until it ends by itself. */
  int awaitExit() throws IOException {
    try {
      boolean ended = process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(ended).as("whether it ended:%n%s", output()).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return process.exitValue();
  }

  /** SIGKILL, and waits for the end. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  /** SIGTERM; the server ends its work, and then itself. */
  void stop() {
    process.destroy();
  }

  /** Lets it stand still. */
  void freeze() throws IOException {
    Signal.STOP.to(process);
  }

  /** Lets it go on. */
  void thaw() throws IOException {
    Signal.CONT.to(process);
  }

  @Override
  public void close() {
    kill();
  }
}
