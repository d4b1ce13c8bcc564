package io.oplog.server.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;

/** Why a file cannot be used, in words that fit after its name. */
public final class FileReason {
  private FileReason() {}

  /** The reason, without the file's name, which the JDK's messages repeat. */
  public static String of(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "there is no such file or folder";
      case FileAlreadyExistsException _ -> "a file is in its place";
      case CharacterCodingException _ -> "is not UTF-8 text";
      case FileSystemException other when other.getReason() != null ->
          other.getReason().toLowerCase(Locale.ROOT);
      default -> e.getMessage() == null ? e.toString() : e.getMessage().toLowerCase(Locale.ROOT);
    };
  }
}
