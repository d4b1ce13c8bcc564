package io.oplog.store.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.protocol.EventId;
import org.junit.jupiter.api.Test;

/** What an agent knows of openings does not grow for ever, as the stored list does not. */
class OpeningsTest {
  private static final EventId ID = new EventId(50, 1, 10);

  @Test
  void theNewestAreKnownAndNoMore() {
    Openings openings = new Openings();
    openings.add(new Opening(5, 100));
    assertThat(openings.lost(ID)).isTrue();
    for (int i = 0; i < Opening.MOST; i++) {
      openings.add(new Opening(20 + i, 200 + i));
    }
    assertThat(openings.lost(ID)).isFalse();
  }
}
