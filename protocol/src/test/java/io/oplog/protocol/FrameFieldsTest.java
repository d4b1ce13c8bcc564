package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameFieldsTest {
  private final FrameFields fields = new FrameFields();

  private static Frames frames(Operation... operations) {
    FrameEncoder encoder = new FrameEncoder();
    List.of(operations).forEach(encoder::add);
    return encoder.take();
  }

  private static Operation operation(String type, String id, String... parents) {
    return new Operation(OperationKind.DELETE, type, id, List.of(parents), Inputs.RECEIPT);
  }

  private String raw(int from, int to) {
    return new String(fields.bytes(), from, to - from, StandardCharsets.UTF_8);
  }

  @Test
  void slicesAreRaw() {
    Frames frames = frames(operation("a", "b"), operation("vidéo", "x\"]\n", "p\\", "]\"q"));
    fields.reset(frames.bytes(), frames.start(1), frames.length());
    assertThat(raw(fields.typeStart(), fields.typeEnd())).isEqualTo("vidéo");
    assertThat(raw(fields.idStart(), fields.idEnd())).isEqualTo("x\\\"]\\n");
    assertThat(fields.nextParent()).isTrue();
    assertThat(raw(fields.parentStart(), fields.parentEnd())).isEqualTo("p\\\\");
    assertThat(fields.nextParent()).isTrue();
    assertThat(raw(fields.parentStart(), fields.parentEnd())).isEqualTo("]\\\"q");
    assertThat(fields.nextParent()).isFalse();
    assertThat(fields.nextParent()).isFalse();
    fields.rewindParents();
    assertThat(fields.nextParent()).isTrue();
  }

  @Test
  void aFrameWithoutParentsHasNone() {
    fields.reset(frames(operation("t", "i")).bytes(), 0);
    assertThat(fields.nextParent()).isFalse();
    assertThat(fields.parents()).isEmpty();
  }

  @Test
  void anOperationComesBackAsItWas() {
    Operation operation = operation("t", "i", "a", "b");
    assertThat(fields.reset(frames(operation).bytes(), 0).operation()).isEqualTo(operation);
  }

  @Test
  void aReferenceIsPassedOver() {
    Operation operation = operation("t", "i", "a");
    Frames spliced = RefTemplate.parse("http://h/{{id}}").splice(frames(operation, operation));
    for (int i = 0; i < spliced.count(); i++) {
      fields.reset(spliced.bytes(), spliced.start(i), spliced.ends()[i]);
      assertThat(fields.operation()).isEqualTo(operation);
    }
  }

  @Test
  void objectsAreEqualWhenTypeAndIdAre() {
    byte[] one = fields.reset(frames(operation("t", "a/\n", "p")).bytes(), 0).objectKey();
    byte[] same = fields.reset(frames(operation("t", "a/\n", "q", "r")).bytes(), 0).objectKey();
    byte[] other = fields.reset(frames(operation("t", "a/n", "p")).bytes(), 0).objectKey();
    assertThat(one).isEqualTo(same).isNotEqualTo(other).hasSize("t/a/\\n".length());
    assertThat(new String(one, StandardCharsets.UTF_8)).isEqualTo("t/a/\\n");
  }

  @Test
  void anObjectKeyIsWrittenInPlace() {
    fields.reset(frames(operation("type", "id")).bytes(), 0);
    byte[] target = new byte[fields.objectKeyLength() + 2];
    fields.putObjectKey(target, 1);
    assertThat(new String(target, StandardCharsets.UTF_8)).isEqualTo("\0type/id\0");
  }

  @Test
  void aFrameThatPassesItsEndIsRefused() {
    Frames frames = frames(operation("t", "i"), operation("t", "i"));
    assertThatThrownBy(() -> fields.reset(frames.bytes(), 0, 90))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("passes its end 90");
  }
}
