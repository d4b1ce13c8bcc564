package io.oplog.server.command;

import java.util.List;

/**
 * A collection that is observed.
 *
 * @param comesAgain whether an {@code _id} comes again after a removal
 * @param isWhole whether messages bring whole documents
 */
record Judged(String name, boolean comesAgain, boolean isWhole) {
  static final List<Judged> ALL =
      List.of(
          new Judged("things", true, false),
          new Judged("ranked", false, false),
          new Judged("wholeThings", true, true),
          new Judged("wholeRanked", false, true));

  static List<String> whole() {
    return ALL.stream().filter(Judged::isWhole).map(Judged::name).toList();
  }

  List<String> queries() {
    return comesAgain ? JudgedQueries.ofThings() : JudgedQueries.ofRanked();
  }
}
