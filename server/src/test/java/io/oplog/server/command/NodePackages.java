package io.oplog.server.command;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/**
 * What a program for Node needs of npm, in the versions of its {@code package-lock.json}, installed
 * into a cache once. A test that needs it fails where it cannot be had: it is not left out, so that
 * nobody takes it for passed.
 */
final class NodePackages {
  private static final Path CACHE =
      Path.of(System.getProperty("user.home"), ".cache", "oplog-test");
  private static final List<String> FILES = List.of("package.json", "package-lock.json");
  private static final List<String> INSTALL =
      List.of("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts");
  private static final long INSTALL_MINUTES = 5;

  private NodePackages() {}

  /** The folder that holds the {@code node_modules} of a program. */
  static Path of(Path program) throws IOException {
    Files.createDirectories(CACHE);
    Path home = CACHE.resolve(program.getFileName() + "-" + version(program));
    try (FileChannel channel =
            FileChannel.open(
                CACHE.resolve("npm.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock _ = channel.lock()) {
      Path done = home.resolve("installed");
      if (!Files.exists(done)) {
        install(program, home);
        Files.createFile(done);
      }
    }
    return home;
  }

  private static String version(Path program) throws IOException {
    CRC32 sum = new CRC32();
    for (String file : FILES) {
      sum.update(Files.readAllBytes(program.resolve(file)));
    }
    return Long.toHexString(sum.getValue());
  }

  private static void install(Path program, Path home) throws IOException {
    Files.createDirectories(home);
    for (String file : FILES) {
      Files.write(home.resolve(file), Files.readAllBytes(program.resolve(file)));
    }
    Path log = home.resolve("install.log");
    Process npm = start(home, log);
    try {
      if (!npm.waitFor(INSTALL_MINUTES, TimeUnit.MINUTES) || npm.exitValue() != 0) {
        npm.destroyForcibly();
        throw new IOException(String.join(" ", INSTALL) + " failed: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      throw new IOException("interrupted", e);
    }
  }

  private static Process start(Path home, Path log) throws IOException {
    try {
      return new ProcessBuilder(INSTALL)
          .directory(home.toFile())
          .redirectErrorStream(true)
          .redirectOutput(log.toFile())
          .start();
    } catch (IOException e) {
      throw new IOException("npm is not on the path: install Node.js (Debian: nodejs, npm)", e);
    }
  }
}
