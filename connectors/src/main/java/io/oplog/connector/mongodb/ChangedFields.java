package io.oplog.connector.mongodb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonReader;
import org.bson.BsonType;

/**
 * Reads which fields an update in mongod's oplog changes, as paths with dots. Since 5.0 it is a
 * tree of differences ({@code $v: 2}), before that operators; a change stream makes its description
 * of an update from the same. What is of neither form is refused: a field that nobody names would
 * be a change that nobody hears of.
 */
final class ChangedFields {
  private static final String VERSION = "$v";
  private static final int DIFFERENCES = 2;

  /** What was inserted, updated, deleted, and changed within a binary value. */
  private static final Set<String> SECTIONS = Set.of("i", "u", "d", "b");

  private final BsonReader reader;
  private final List<String> fields = new ArrayList<>();

  private ChangedFields(BsonReader reader) {
    this.reader = reader;
  }

  /**
   * Reads an update that is no replacement.
   *
   * @throws IOException when its form is not known
   */
  static List<String> of(BsonDocument update) throws IOException {
    int version = update.getNumber(VERSION, new BsonInt32(1)).intValue();
    if (version < 1 || version > DIFFERENCES) {
      throw unknown("version " + version);
    }
    try (BsonReader reader = update.asBsonReader()) {
      ChangedFields changed = new ChangedFields(reader);
      changed.update(version == DIFFERENCES);
      return changed.fields;
    }
  }

  private static IOException unknown(String what) {
    return new IOException("an update has a form that is not known: " + what);
  }

  /** The next element of what is read. */
  private boolean hasNext() {
    return reader.readBsonType() != BsonType.END_OF_DOCUMENT;
  }

  private boolean isDocument() {
    return reader.getCurrentBsonType() == BsonType.DOCUMENT;
  }

  private void update(boolean isDifferences) throws IOException {
    reader.readStartDocument();
    while (hasNext()) {
      String name = reader.readName();
      if (name.equals(VERSION)) {
        reader.skipValue();
      } else if (isDifferences && name.equals("diff") && isDocument()) {
        object("");
      } else if (!isDifferences && name.startsWith("$") && isDocument()) {
        names("");
      } else {
        throw unknown(name);
      }
    }
    reader.readEndDocument();
  }

  /** An operator's, or those of a section. */
  private void names(String parent) {
    reader.readStartDocument();
    while (hasNext()) {
      fields.add(parent + reader.readName());
      reader.skipValue();
    }
    reader.readEndDocument();
  }

  /**
   * Differences of an object or a list.
   *
   * @param parent of its elements, up to and with the dot
   */
  private void object(String parent) throws IOException {
    boolean isList = false;
    reader.readStartDocument();
    while (hasNext()) {
      String name = reader.readName();
      if (name.equals("a")) {
        isList = true; // which stands first
        reader.skipValue();
      } else if (name.startsWith("s") && isDocument()) {
        object(parent + name.substring(1) + ".");
      } else if (isList) {
        item(parent, name);
      } else {
        section(parent, name);
      }
    }
    reader.readEndDocument();
  }

  private void item(String parent, String name) throws IOException {
    if (name.equals("l")) {
      fields.add(parent.substring(0, parent.length() - 1)); // cut short: the list itself
    } else if (name.startsWith("u")) {
      fields.add(parent + name.substring(1));
    } else {
      throw unknown(name);
    }
    reader.skipValue();
  }

  private void section(String parent, String name) throws IOException {
    if (!SECTIONS.contains(name) || !isDocument()) {
      throw unknown(name);
    }
    names(parent);
  }
}
