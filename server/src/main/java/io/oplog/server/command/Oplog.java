package io.oplog.server.command;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code oplog} command. */
@Command(name = "oplog", mixinStandardHelpOptions = true)
public final class Oplog {

  /** Runs a subcommand and ends the process with its exit code. */
  public static void main(String... args) {
    System.exit(new CommandLine(new Oplog()).execute(args));
  }
}
