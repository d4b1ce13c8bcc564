package io.oplog.client.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.oplog.protocol.EventId;
import io.oplog.protocol.Operation;
import io.oplog.protocol.OperationKind;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchSearchTest {
  private static Operation operation(int number) {
    return new Operation(OperationKind.INSERT, "video", "x" + number, List.of(), number);
  }

  private static List<Operation> operations(int... numbers) {
    return IntStream.of(numbers).mapToObj(BatchSearchTest::operation).toList();
  }

  private static Optional<OwnBatch> search(List<Operation> batch, List<Operation> log) {
    BatchSearch search = new BatchSearch(Window.of(EventId.ZERO, batch));
    for (int i = 0; i < log.size(); i++) {
      search.changed(new EventId(1, 1, i + 1), log.get(i));
    }
    return search.found();
  }

  @Test
  void aBatchIsFoundByWhatItHas() {
    OwnBatch found = search(operations(3, 1, 2), operations(1, 2, 3, 3, 1, 2, 9)).orElseThrow();
    assertThat(found.first()).isEqualTo(4);
    assertThat(found.last()).isEqualTo(6);
    assertThat(found.operations()).isEqualTo(operations(3, 1, 2));
    assertThat(found.isCertain()).isTrue();
  }

  @Test
  void itsOrderCounts() {
    assertThat(search(operations(1, 2), operations(2, 1, 3, 2))).isEmpty();
  }

  @Test
  void ofTwoThatReadTheSameTheLastIsNotCertain() {
    OwnBatch found = search(operations(1), operations(1, 5, 1)).orElseThrow();
    assertThat(found.first()).isEqualTo(3);
    assertThat(found.isCertain()).isFalse();
  }

  @Test
  void itIsNotPutTogetherAcrossAGap() {
    BatchSearch search = new BatchSearch(Window.of(EventId.ZERO, operations(1, 2)));
    search.changed(new EventId(1, 1, 7), operation(1));
    search.changed(new EventId(1, 1, 9), operation(2));
    assertThat(search.found()).isEmpty();
  }
}
