package io.oplog.store.mongodb;

import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/**
 * How far the take-over of the original's data is. Kept as the position of a source that no
 * producer can name, so that it moves with the blocks.
 */
sealed interface TakeOverPlace {

  /** Has spaces, which the name of a producer's source cannot have. */
  String SOURCE = "take-over of the original's data";

  /** Within the states: all up to one are there. */
  record States(long millis, String id) implements TakeOverPlace {
    @Override
    public String toString() {
      return "states " + millis + " " + id;
    }
  }

  /** All states are there; operations that they lack are being added. */
  record Mending() implements TakeOverPlace {
    @Override
    public String toString() {
      return "mending";
    }
  }

  /**
   * All is there.
   *
   * @param second no id of the original's is of a later one
   * @param newest the original's newest operation then, {@code -} for none
   */
  record Done(long second, String newest) implements TakeOverPlace {
    static Done at(long second, @Nullable ObjectId newest) {
      long last = newest == null ? 0 : newest.getTimestamp() & 0xffff_ffffL;
      return new Done(Math.max(second, last), nameOf(newest));
    }

    private static String nameOf(@Nullable ObjectId id) {
      return id == null ? "-" : id.toHexString();
    }

    /** Whether an id, the newest of the original's now, tells that something was added since. */
    boolean isOutdatedBy(@Nullable ObjectId id) {
      return id != null && !newest.equals(nameOf(id)); // null where its collections were dropped
    }

    @Override
    public String toString() {
      return "done " + second + " " + newest;
    }
  }

  /** Reads what {@code toString} wrote. */
  static TakeOverPlace parse(String text) {
    String[] words = text.split(" ", 3);
    return switch (words[0]) {
      case "states" -> new States(Long.parseLong(words[1]), words[2]);
      case "done" -> new Done(Long.parseLong(words[1]), words[2]);
      default -> new Mending();
    };
  }
}
