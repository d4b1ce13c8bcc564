package io.oplog.connector.lines;

import java.io.IOException;
import java.util.Optional;

/** Where the position is kept that written lines stand for. */
public interface LinePositions {

  /** The position of a source; empty when none is kept. */
  Optional<String> of(String source);

  /** All lines up to a position were written. It may be kept a little later. */
  void reached(String source, String position) throws IOException;
}
