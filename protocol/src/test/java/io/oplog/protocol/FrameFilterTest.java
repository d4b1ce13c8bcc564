package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FrameFilterTest {
  private static final Operation VIDEO =
      new Operation(OperationKind.INSERT, "video", "x\"1", List.of("user/a", "user/\"b\n"), 0);

  private static boolean matches(Set<String> types, Set<String> parents, Operation operation) {
    FrameEncoder encoder = new FrameEncoder();
    encoder.add(new Operation(OperationKind.INSERT, "first", "frame", List.of("p"), 0));
    encoder.add(operation);
    Frames frames = encoder.take();
    FrameFilter filter = new FrameFilter(new Filter(types, parents));
    return filter.matches(frames.bytes(), frames.start(1));
  }

  @Test
  void anEmptyFilterPassesEverything() {
    assertThat(matches(Set.of(), Set.of(), VIDEO)).isTrue();
    assertThat(FrameFilter.ALL.isAll()).isTrue();
  }

  @Test
  void anyOfTheTypes() {
    assertThat(matches(Set.of("user", "video"), Set.of(), VIDEO)).isTrue();
    assertThat(matches(Set.of("user", "videos", "vide"), Set.of(), VIDEO)).isFalse();
  }

  @Test
  void anyOfTheParents() {
    assertThat(matches(Set.of(), Set.of("user/a"), VIDEO)).isTrue();
    assertThat(matches(Set.of(), Set.of("x", "user/\"b\n"), VIDEO)).isTrue();
    assertThat(matches(Set.of(), Set.of("user/", "user/ab", "x\"1"), VIDEO)).isFalse();
  }

  @Test
  void bothFiltersTogether() {
    assertThat(matches(Set.of("video"), Set.of("user/a"), VIDEO)).isTrue();
    assertThat(matches(Set.of("user"), Set.of("user/a"), VIDEO)).isFalse();
    assertThat(matches(Set.of("video"), Set.of("user/c"), VIDEO)).isFalse();
  }

  @Test
  void anOperationWithoutParentsHasNoneOfThem() {
    Operation orphan = new Operation(OperationKind.INSERT, "video", "x", List.of(), 0);
    assertThat(matches(Set.of("video"), Set.of("user/a"), orphan)).isFalse();
    assertThat(matches(Set.of("video"), Set.of(), orphan)).isTrue();
  }

  @Test
  void aRawParentIsHeldAgainstTheFilter() {
    FrameFilter filter = new FrameFilter(new Filter(Set.of("t"), Set.of("a\nb")));
    byte[] raw = Inputs.utf8("..a\\nb..");
    assertThat(filter.matchesParent(raw, 2, 6)).isTrue();
    assertThat(filter.matchesParent(raw, 2, 5)).isFalse();
    assertThat(FrameFilter.ALL.matchesParent(raw, 2, 5)).isTrue();
  }

  @Test
  void typesAndParentsAreKeysForAnIndex() {
    FrameFilter filter = new FrameFilter(new Filter(Set.of("a", "b"), Set.of("\"")));
    assertThat(filter.types()).containsExactlyInAnyOrder(FrameKey.of("a"), FrameKey.of("b"));
    assertThat(filter.parents()).containsExactly(FrameKey.of("\""));
    assertThat(filter.hasTypes()).isTrue();
    assertThat(filter.hasParents()).isTrue();
    assertThat(FrameFilter.ALL.hasTypes()).isFalse();
    assertThat(FrameFilter.ALL.hasParents()).isFalse();
  }

  @Test
  void aLargeFilterFindsEachOfItsItemsAndNoOther() {
    Set<String> types = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      types.add("type" + i);
    }
    FrameFilter filter = new FrameFilter(new Filter(types, Set.of()));
    for (int i = 0; i < 2000; i++) {
      byte[] raw = Inputs.utf8("type" + i);
      assertThat(filter.matchesType(raw, 0, raw.length)).isEqualTo(i < 1000);
    }
  }

  @Test
  void bytesAgreeWithTheModelOnRandomOperations() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("bytesAgreeWithTheModelOnRandomOperations: -Dseed=" + seed);
    RandomOperations random = new RandomOperations(seed);
    for (int i = 0; i < 3000; i++) {
      Operation wanted = random.next();
      Operation operation = random.below(2) == 0 ? wanted : random.next();
      Set<String> types = random.below(2) == 0 ? Set.of() : Set.of(wanted.type(), "else");
      Set<String> parents = random.below(2) == 0 ? Set.of() : new HashSet<>(wanted.parents());
      boolean expected =
          (types.isEmpty() || types.contains(operation.type()))
              && (parents.isEmpty()
                  || !Collections.disjoint(parents, new ArrayList<>(operation.parents())));
      assertThat(matches(types, parents, operation)).isEqualTo(expected);
    }
  }
}
