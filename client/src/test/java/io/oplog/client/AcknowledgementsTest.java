package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.oplog.protocol.EventId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AcknowledgementsTest {
  private static final int MOST = 1_000_000;
  private static final Acknowledgements.Kind STATE = Acknowledgements.Kind.CHANGE;
  private static final Acknowledgements.Kind LIVE = Acknowledgements.Kind.LIVE;
  private final Acknowledgements acknowledgements = new Acknowledgements();

  private static EventId id(int number) {
    return new EventId(0x6920c0deL, 1, number);
  }

  @Test
  void whoNeverAcknowledgesIsToldBeforeTheMemoryIsGone() {
    for (int i = 1; i <= MOST; i++) {
      acknowledgements.handedOut(id(i), STATE);
    }
    assertThatIllegalStateException()
        .isThrownBy(acknowledgements::requireRoom)
        .withMessageContainingAll("1000000", id(1).toString(), "not acknowledged");
    acknowledgements.acknowledged(id(1), STATE);
    acknowledgements.requireRoom();
    acknowledgements.handedOut(id(MOST + 1), STATE);
    assertThat(acknowledgements.checkpoint()).contains(id(1));
  }

  @Test
  void positionsThatComeWhileSomethingIsOpenTakeNoMemory() {
    acknowledgements.handedOut(id(1), STATE);
    for (int i = 2; i <= MOST + 2; i++) {
      acknowledgements.progressed(id(i));
    }
    acknowledgements.acknowledged(id(1), STATE);
    assertThat(acknowledgements.checkpoint()).contains(id(MOST + 2));
  }

  /** Its acknowledgement was once taken for that of the state. */
  @Test
  void aLiveUnderTheIdOfTheLastStateIsDoneOnItsOwn() {
    acknowledgements.handedOut(id(1), STATE);
    acknowledgements.handedOut(id(1), LIVE);
    acknowledgements.handedOut(id(2), STATE);
    acknowledgements.acknowledged(id(1), LIVE);
    acknowledgements.acknowledged(id(1), LIVE);
    acknowledgements.acknowledged(id(2), STATE);
    assertThat(acknowledgements.checkpoint()).isEmpty();
    acknowledgements.acknowledged(id(1), STATE);
    assertThat(acknowledgements.checkpoint()).contains(id(2));
  }

  @Test
  void aStateThatIsDoneTwiceIsNotTheLiveUnderItsId() {
    acknowledgements.handedOut(id(1), STATE);
    acknowledgements.handedOut(id(1), LIVE);
    acknowledgements.handedOut(id(2), STATE);
    acknowledgements.acknowledged(id(1), STATE);
    acknowledgements.acknowledged(id(1), STATE);
    acknowledgements.acknowledged(id(2), STATE);
    assertThat(acknowledgements.checkpoint()).contains(id(1));
    acknowledgements.acknowledged(id(1), LIVE);
    assertThat(acknowledgements.checkpoint()).contains(id(2));
  }

  /** It took hours, before the first was acknowledged too. */
  @Test
  @Timeout(30)
  void aServerThatRepeatsOneIdCostsNoMoreThanOthers() {
    for (int i = 0; i < MOST; i++) {
      acknowledgements.handedOut(id(1), STATE);
    }
    acknowledgements.handedOut(id(2), STATE);
    acknowledgements.acknowledged(id(2), STATE);
    for (int i = 0; i < MOST; i++) {
      assertThat(acknowledgements.checkpoint()).isNotEqualTo(Optional.of(id(2)));
      acknowledgements.acknowledged(id(1), STATE);
    }
    assertThat(acknowledgements.checkpoint()).contains(id(2));
  }
}
