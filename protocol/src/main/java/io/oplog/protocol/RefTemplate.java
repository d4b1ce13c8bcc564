package io.oplog.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An object URL with placeholders, such as {@code http://api.example.com/{{type}}/{{id}}}. Type and
 * id are percent-encoded as in a path, {@code /} kept. Immutable.
 */
public final class RefTemplate {
  private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*([^{}]*?)\\s*}}");
  private static final byte[] KEY = ascii(",\"ref\":\"");
  private static final byte[] END = ascii("\"}\n\n");
  private static final int CLOSING = "}\n\n".length();

  private enum Placeholder {
    TYPE,
    ID
  }

  private final String template;

  /** One more than there are placeholders; as they stand in JSON. */
  private final List<byte[]> literals = new ArrayList<>();

  private final List<Placeholder> placeholders = new ArrayList<>();

  private RefTemplate(String template) {
    this.template = template;
    Matcher matcher = PLACEHOLDER.matcher(template);
    int at = 0;
    while (matcher.find()) {
      literals.add(JsonText.escape(template.substring(at, matcher.start())));
      placeholders.add(placeholder(matcher.group(1)));
      at = matcher.end();
    }
    literals.add(JsonText.escape(template.substring(at)));
  }

  /**
   * Reads a template.
   *
   * @throws IllegalArgumentException when it has another placeholder than {@code {{type}}} and
   *     {@code {{id}}}, or not the latter
   */
  public static RefTemplate parse(String template) {
    RefTemplate parsed = new RefTemplate(template);
    if (!parsed.placeholders.contains(Placeholder.ID)) {
      throw new IllegalArgumentException(
          "an object URL template needs {{id}}: " + Quoted.of(template));
    }
    return parsed;
  }

  private static Placeholder placeholder(String name) {
    return switch (name) {
      case "type" -> Placeholder.TYPE;
      case "id" -> Placeholder.ID;
      default ->
          throw new IllegalArgumentException(
              "an object URL template knows {{type}} and {{id}} only: " + Quoted.of(name));
    };
  }

  /** The URL of an object. */
  public String apply(String type, String id) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    put(out, encoded(JsonText.escape(type)), encoded(JsonText.escape(id)));
    byte[] bytes = out.toByteArray();
    return JsonText.decode(bytes, 0, bytes.length);
  }

  private static byte[] encoded(byte[] raw) {
    return encoded(raw, 0, raw.length);
  }

  private static byte[] encoded(byte[] bytes, int from, int to) {
    boolean plain = JsonText.indexOfEscape(bytes, from, to) == to;
    return PathEncoding.encode(
        plain ? Arrays.copyOfRange(bytes, from, to) : JsonText.unescape(bytes, from, to));
  }

  private void put(ByteArrayOutputStream out, byte[] type, byte[] id) {
    out.writeBytes(literals.get(0));
    for (int i = 0; i < placeholders.size(); i++) {
      out.writeBytes(placeholders.get(i) == Placeholder.TYPE ? type : id);
      out.writeBytes(literals.get(i + 1));
    }
  }

  /** The same frames with a {@code ref} as the last key of each one's data. Copies. */
  public Frames splice(Frames frames) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(frames.length() * 2);
    int[] ends = new int[frames.count()];
    FrameFields fields = new FrameFields();
    for (int i = 0; i < ends.length; i++) {
      putFrame(out, fields.reset(frames.bytes(), frames.start(i)), frames, i);
      ends[i] = out.size();
    }
    return new Frames(out.toByteArray(), ends);
  }

  private void putFrame(ByteArrayOutputStream out, FrameFields fields, Frames frames, int index) {
    byte[] bytes = frames.bytes();
    int start = frames.start(index);
    out.write(bytes, start, frames.ends()[index] - CLOSING - start);
    out.writeBytes(KEY);
    put(
        out,
        encoded(bytes, fields.typeStart(), fields.typeEnd()),
        encoded(bytes, fields.idStart(), fields.idEnd()));
    out.writeBytes(END);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The template as it was given. */
  @Override
  public String toString() {
    return template;
  }
}
