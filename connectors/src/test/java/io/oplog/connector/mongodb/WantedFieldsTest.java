package io.oplog.connector.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

final class WantedFieldsTest {

  @Test
  void pathsThatOverlapAreAskedForOnce() {
    assertThat(WantedFields.apart(Set.of("a.b", "a", "ab", "c.d", "c.e", "c.d.f")))
        .containsExactly("a", "ab", "c.d", "c.e");
  }
}
