package io.oplog.server.command;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import picocli.CommandLine;

/** The command run within the test, without a process of its own. */
record CommandRun(int exitCode, String out, String err) {

  static CommandRun of(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command =
        Oplog.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exitCode = Oplog.execute(command, environment, arguments);
    return new CommandRun(exitCode, out.toString(), err.toString());
  }

  static CommandRun of(String... arguments) {
    return of(Map.of(), arguments);
  }
}
