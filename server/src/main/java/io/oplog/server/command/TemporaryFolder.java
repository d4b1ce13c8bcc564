package io.oplog.server.command;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where temporary files go. */
final class TemporaryFolder {
  private TemporaryFolder() {}

  /**
   * The folder that was named, or the system's.
   *
   * @throws CommandFailure when it is not there
   */
  static Path orDefault(@Nullable Path named) throws CommandFailure {
    Path folder = named == null ? Path.of(System.getProperty("java.io.tmpdir")) : named;
    if (!Files.isDirectory(folder)) {
      throw new CommandFailure(ExitCode.FAILURE, "there is no folder " + folder + " for --tmp");
    }
    return folder;
  }
}
