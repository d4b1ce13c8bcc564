package io.oplog.server.crash;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system of its own, in memory. Only root may mount one. */
public record SmallDisk(Path directory) implements AutoCloseable {

  public static SmallDisk mount(Path directory, int megabytes) {
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "oplog-test", "" + directory);
    assumeTrue(mounted, "mounting a file system needs root");
    return new SmallDisk(directory);
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .onExit()
              .join()
              .exitValue()
          == 0;
    } catch (IOException _) {
      return false; // there is no such command
    }
  }

  /** Takes all but so much of the room that is left. */
  public void fillUpTo(int freeMegabytes) throws IOException {
    long free = (long) freeMegabytes << 20;
    try (OutputStream out = Files.newOutputStream(ballast())) {
      byte[] block = new byte[4096];
      while (Files.getFileStore(directory).getUsableSpace() > free) {
        out.write(block);
      }
    }
  }

  /** Gives it back. */
  void free() throws IOException {
    Files.delete(ballast());
  }

  private Path ballast() {
    return directory.resolve("ballast");
  }

  @Override
  public void close() {
    run("umount", "-l", "" + directory);
  }
}
