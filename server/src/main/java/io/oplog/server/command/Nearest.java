package io.oplog.server.command;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** Finds the name that was probably meant by one that does not exist. */
final class Nearest {
  private Nearest() {}

  /** The most similar name; nothing where none is similar. */
  static Optional<String> of(String word, Collection<String> names) {
    int slips = Math.max(2, word.length() / 4);
    return names.stream()
        .filter(name -> distance(word, name) <= slips)
        .min(Comparator.comparingInt(name -> distance(word, name)));
  }

  /** How many characters must be added, dropped, changed or swapped with their neighbour. */
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        cost[i][j] = i == 0 || j == 0 ? i + j : least(cost, a, b, i, j);
      }
    }
    return cost[a.length()][b.length()];
  }

  private static int least(int[][] cost, String a, String b, int i, int j) {
    int changed = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
    int least = Math.min(changed, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
    return swaps(a, b, i, j) ? Math.min(least, cost[i - 2][j - 2] + 1) : least;
  }

  private static boolean swaps(String a, String b, int i, int j) {
    return i > 1
        && j > 1
        && a.charAt(i - 1) == b.charAt(j - 2)
        && a.charAt(i - 2) == b.charAt(j - 1);
  }
}
