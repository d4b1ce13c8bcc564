package io.oplog.server.relay;

import io.oplog.connector.redis.DenyList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The deny lists of all targets as one. Each is asked, also where another does not answer; then
 * that one is told, and the same may be asked again.
 */
final class DenyLists {
  private final List<DenyList> lists;

  DenyLists(List<DenyList> lists) {
    this.lists = List.copyOf(lists);
  }

  /** What is asked of each; whether that has changed something. */
  private interface Question {
    boolean ask(DenyList list) throws IOException, InterruptedException;
  }

  /** Those of which nothing is published at one target at least. */
  SortedSet<String> databases() throws IOException, InterruptedException {
    SortedSet<String> all = new TreeSet<>();
    boolean _ = askEach(list -> all.addAll(list.databases()));
    return all;
  }

  /**
   * Adds a database.
   *
   * @return false when it was there already, at each
   */
  boolean add(String database) throws IOException, InterruptedException {
    return askEach(list -> list.add(database));
  }

  /**
   * Removes a database.
   *
   * @return false when it was not there, at any
   */
  boolean remove(String database) throws IOException, InterruptedException {
    return askEach(list -> list.remove(database));
  }

  private boolean askEach(Question question) throws IOException, InterruptedException {
    boolean isChanged = false;
    List<String> failures = new ArrayList<>();
    for (DenyList list : lists) {
      try {
        isChanged |= question.ask(list);
      } catch (IOException e) {
        failures.add(e.getMessage());
      }
    }
    if (!failures.isEmpty()) {
      String others = failures.size() < lists.size() ? "; the others have answered: ask again" : "";
      throw new IOException(String.join("; ", failures) + others);
    }
    return isChanged;
  }
}
