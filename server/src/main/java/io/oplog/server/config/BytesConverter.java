package io.oplog.server.config;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the value of an option that is a size. */
public final class BytesConverter implements ITypeConverter<Long> {
  @Override
  public Long convert(String text) {
    try {
      return Quantities.bytes(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
