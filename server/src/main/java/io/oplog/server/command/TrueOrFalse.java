package io.oplog.server.command;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the value of a switch. */
final class TrueOrFalse implements ITypeConverter<Boolean> {
  @Override
  public Boolean convert(String text) {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new TypeConversionException("'" + text + "' must be true or false");
    };
  }
}
