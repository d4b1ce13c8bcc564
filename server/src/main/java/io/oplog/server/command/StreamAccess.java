package io.oplog.server.command;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that reads a stream. */
final class StreamAccess {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--silence",
      paramLabel = "TIME",
      defaultValue = "60s",
      description =
          "A connection that is silent for so long is broken; more than twice the server's"
              + " --heartbeat (default: ${DEFAULT-VALUE}).")
  @Within(least = "1ms", most = "90d")
  private Duration silence;

  @Option(
      names = "--password",
      paramLabel = "TEXT",
      description = "Password of the stream; better given by --password-file or OPLOG_PASSWORD.")
  private @Nullable String password;

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description = "File whose first line is the password of the stream.")
  private @Nullable Path passwordFile;

  Duration silence() {
    return silence;
  }

  /** The password in force; null is none. */
  @Nullable String password() {
    CommandSpec whole = command.commandLine().getCommandSpec(); // not a mixin that has this one
    return PasswordOption.resolve(whole, "--password", password, passwordFile);
  }
}
