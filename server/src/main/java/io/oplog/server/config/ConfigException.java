package io.oplog.server.config;

/** The configuration cannot be used. The message names the place and what to do; never a secret. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ConfigException(String message) {
    super(message);
  }
}
