package io.oplog.server.command;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/** The version, from the jar's manifest. */
final class Version implements IVersionProvider {
  static String text() {
    String version = Version.class.getPackage().getImplementationVersion();
    return Objects.requireNonNullElse(version, "(from classes)");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "oplog " + text(), "Java " + Runtime.version() + " at " + System.getProperty("java.home")
    };
  }
}
