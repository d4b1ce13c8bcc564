package io.oplog.server.command;

import io.oplog.connector.lines.LinePositions;
import java.io.IOException;
import java.util.Optional;

/** The position of a source, as a file keeps it. */
record KeptPosition(String source, String position) {
  private static final int PARTS = 2;

  /**
   * Reads what {@link #toString} has written.
   *
   * @throws IllegalArgumentException when it has not
   */
  static KeptPosition parse(String text) {
    String[] parts = text.split(" ", -1);
    if (parts.length != PARTS) {
      throw new IllegalArgumentException("not a position of a relay");
    }
    return new KeptPosition(parts[0], parts[1]);
  }

  @Override
  public String toString() {
    return source + " " + position;
  }

  /** What a file keeps, and what was reached since it was read. */
  static final class InFile implements LinePositions {
    private final PositionFile file;
    private Optional<KeptPosition> kept;

    InFile(PositionFile file) {
      this.file = file;
      this.kept =
          Optional.of(file.saved()).filter(text -> !text.isEmpty()).map(KeptPosition::parse);
    }

    @Override
    public Optional<String> of(String source) {
      return kept.filter(one -> one.source().equals(source)).map(KeptPosition::position);
    }

    @Override
    public void reached(String source, String position) throws IOException {
      KeptPosition reached = new KeptPosition(source, position);
      kept = Optional.of(reached);
      file.reached(reached.toString());
    }
  }
}
