package io.oplog.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FilterTest {
  /** A query as an HTTP server hands it over: a character for each byte. */
  private static String sentRaw(String query) {
    return new String(query.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  @Test
  void listsAreSplitAtCommas() {
    assertThat(Filter.parse("types=video,user&parents=video/x1,user/x2"))
        .isEqualTo(new Filter(Set.of("video", "user"), Set.of("video/x1", "user/x2")));
  }

  @Test
  void anEscapedCommaSeparatesToo() {
    assertThat(Filter.parse("parents=video%2Fx1%2Cuser%2fx2").parents())
        .containsExactlyInAnyOrder("video/x1", "user/x2");
  }

  @Test
  void aParameterGivenTwiceAddsUp() {
    assertThat(Filter.parse("types=a&types=b,c&types=a").types())
        .containsExactlyInAnyOrder("a", "b", "c");
  }

  @Test
  void aParentIsTakenWhole() {
    assertThat(Filter.parse("parent=a,b&parent=c%2Cd&parents=e").parents())
        .containsExactlyInAnyOrder("a,b", "c,d", "e");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "&",
        "types=",
        "types",
        "types=,,&parents=,&parent=",
        "=x",
        "other=a",
        "Types=a"
      })
  void whatIsEmptyOrUnknownIsPassedOver(String query) {
    assertThat(Filter.parse(query)).isEqualTo(Filter.ALL);
    assertThat(Filter.parse(query).isAll()).isTrue();
  }

  @Test
  void typesAreLowerCasedAndParentsAreNot() {
    assertThat(Filter.parse("types=VIDEO,%C3%89&parents=User/X"))
        .isEqualTo(new Filter(Set.of("video", "é"), Set.of("User/X")));
  }

  @Test
  void typesAreInLowerCaseHoweverTheFilterIsMade() {
    assertThat(new Filter(Set.of("VidÉo"), Set.of("User/X")))
        .isEqualTo(new Filter(Set.of("vidéo"), Set.of("User/X")));
  }

  @Test
  void aLongTypeOfSigmasOrDottedIsCostsNoMoreThanOthers() {
    for (String letter : List.of("Σ", "İ")) {
      String types = sentRaw("types=" + letter.repeat(100_000));
      assertTimeoutPreemptively(Duration.ofSeconds(5), () -> Filter.parse(types));
    }
  }

  @Test
  void rawUtf8Works() {
    assertThat(Filter.parse(sentRaw("types=vidéo&parents=用户/😀")))
        .isEqualTo(new Filter(Set.of("vidéo"), Set.of("用户/😀")));
  }

  @Test
  void aPlusIsASpace() {
    assertThat(Filter.parse("parents=a+b%20c%2Bd").parents()).containsExactly("a b c+d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%zz", "%4g", "a%", "%%41", "%+1", "%-1", "%１１"})
  void aBrokenEscapeIsRefused(String value) {
    assertThatThrownBy(() -> Filter.parse("types=a&parents=" + value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a % in the query is not followed by two hex digits: \"" + value + "\"");
    assertThatThrownBy(() -> Filter.parse(value)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%ff", "%C3", "%C0%80", "%ED%A0%80", "%E2%82,", "\u00c3", "é"})
  void whatIsNotUtf8IsRefused(String value) {
    assertThatThrownBy(() -> Filter.parse("types=" + value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the query is not valid UTF-8: ");
  }

  @Test
  void otherParametersAreReadAlike() {
    QueryParameters query = QueryParameters.parse("last_event_id=0&progress=1&x&last_event_id=2");
    assertThat(query.first("last_event_id")).isEqualTo("0");
    assertThat(query.all("last_event_id")).containsExactly("0", "2");
    assertThat(query.first("x")).isEmpty();
    assertThat(query.first("y")).isNull();
    assertThat(query.all("y")).isEmpty();
  }

  /** On the wire it would ask for everything. */
  @Test
  void anEmptyTypeOrParentIsRefused() {
    assertThatThrownBy(() -> Filter.ofTypes("")).hasMessageContaining("is empty");
    assertThatThrownBy(() -> Filter.ofParents("user/u1", "")).hasMessageContaining("is empty");
    assertThat(Filter.parse("types=,&parents=&parent=").isAll()).isTrue();
  }
}
