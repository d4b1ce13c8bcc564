package io.oplog.protocol;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * What a JSON body that was refused consists of.
 *
 * @param array whether it is an array
 * @param started how many elements of it begin, as far as it can be read
 * @param whole whether it is valid JSON
 */
record Elements(boolean array, long started, boolean whole) {

  static Elements count(Json json, byte[] bytes, int from, int to) {
    boolean array = false;
    long started = 0;
    try (JsonParser parser = json.open(bytes, from, to)) {
      array = parser.nextToken() == JsonToken.START_ARRAY;
      int depth = array ? 1 : 0;
      for (JsonToken t = parser.nextToken(); t != null; t = parser.nextToken()) {
        started += depth == 1 && t != JsonToken.END_ARRAY && !t.isStructEnd() ? 1 : 0;
        depth += OperationParser.depthChange(t);
      }
      return new Elements(array, started, true);
    } catch (JacksonException e) {
      return new Elements(array, started, false);
    }
  }

  static String place(long element) {
    return "element " + element;
  }

  /** The element that was begun last, or the body. */
  String place() {
    return array ? place(Math.max(started, 1)) : "body";
  }

  /** How many operations it would have been; 1 for what cannot be read. */
  long operations() {
    return array && whole ? started : 1;
  }
}
