package io.oplog.server.command;

import io.oplog.client.ConnectionListener;
import io.oplog.client.Endpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of every command that talks to a server. */
final class ServerAccess {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--url",
      paramLabel = "URL",
      defaultValue = "http://localhost:8042",
      description = "The server (default: ${DEFAULT-VALUE}).")
  private String url;

  Endpoint endpoint() {
    try {
      return Endpoint.of(url);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          command.commandLine(), e.getMessage(), e, command.findOption("--url"), url);
    }
  }

  /**
   * With a password.
   *
   * @param secret null is none
   */
  Endpoint endpoint(@Nullable String secret) {
    return endpoint().withPassword(secret);
  }

  PrintWriter err() {
    return command.commandLine().getErr();
  }

  PrintWriter out() {
    return command.commandLine().getOut();
  }

  /**
   * Prints what was asked for.
   *
   * @throws CommandFailure when it did not get through
   */
  void print(String text) throws CommandFailure {
    out().println(text);
    // the writer hides the failures of the stream below, and that those of the file
    if (out().checkError() || System.out.checkError()) {
      throw new CommandFailure(ExitCode.FAILURE, "cannot write the output");
    }
  }

  /** Tells people on standard error. */
  ConnectionListener listener() {
    return new ConnectionListener() {
      private boolean lost;

      @Override
      public void connected() {
        if (lost) {
          say("connected again");
        }
        lost = false;
      }

      @Override
      public void lost(IOException cause, Duration wait) {
        lost = true;
        say(cause.getMessage() + "; trying again in " + wait.toMillis() / 1000.0 + " s");
      }
    };
  }

  void say(String line) {
    err().println("oplog: " + TerminalText.plain(line));
    err().flush();
  }
}
