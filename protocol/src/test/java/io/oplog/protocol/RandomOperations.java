package io.oplog.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Operations of arbitrary Unicode, weighted towards what could break a codec. */
final class RandomOperations {
  private static final List<OperationKind> KINDS = List.of(OperationKind.values());
  private static final int[] SPECIAL = {
    0, 1, 8, 9, 0xa, 0xb, 0xc, 0xd, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, ' ', '"', '\\', '/', ',', ':',
    '{', '}', '[', ']', '%', '+', '&', '=', '#', '?', 0x7f, 0x80, 0x85, 0x9f, 0xa0, 0x7ff, 0x800,
    0x2028, 0x2029, 0xd7ff, 0xe000, 0xfeff, 0xfffd, 0xfffe, 0xffff, 0x10000, 0x1f600, 0x10ffff
  };

  private final Random random;

  RandomOperations(long seed) {
    this.random = new Random(seed);
  }

  Operation next() {
    return new Operation(
        KINDS.get(random.nextInt(KINDS.size())), type(), text(), parents(), millis());
  }

  private String type() {
    String type = TypeName.lowerCase(text());
    return TypeName.isAllowed(type) ? type : type();
  }

  private List<String> parents() {
    List<String> parents = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parents.add(text());
    }
    return parents;
  }

  private long millis() {
    long range = Rfc3339.MAX_MILLIS - Rfc3339.MIN_MILLIS + 1;
    return Rfc3339.MIN_MILLIS + Math.floorMod(random.nextLong(), range);
  }

  /** At least one character. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i >= 0; i--) {
      text.appendCodePoint(codePoint());
    }
    return text.toString();
  }

  private int codePoint() {
    return switch (random.nextInt(5)) {
      case 0 -> SPECIAL[random.nextInt(SPECIAL.length)];
      case 1 -> scalar();
      default -> ' ' + 1 + random.nextInt(94);
    };
  }

  private int scalar() {
    int codePoint = random.nextInt(Character.MAX_CODE_POINT + 1);
    boolean surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
    return surrogate ? scalar() : codePoint;
  }

  int below(int bound) {
    return random.nextInt(bound);
  }
}
