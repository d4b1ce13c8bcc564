package io.oplog.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ModuleTest {

  /**
   * A module that is needed at compile time alone must not be asked of whoever uses the library.
   */
  @Test
  void theLibraryNeedsNoModuleButTheJdkAndTheProtocol() throws Exception {
    URI classes = StreamClient.class.getProtectionDomain().getCodeSource().getLocation().toURI();
    ModuleDescriptor module =
        ModuleFinder.of(Path.of(classes)).find("io.oplog.client").orElseThrow().descriptor();
    assertThat(module.requires())
        .filteredOn(needed -> !needed.modifiers().contains(Requires.Modifier.STATIC))
        .extracting(Requires::name)
        .containsExactlyInAnyOrder("java.base", "java.net.http", "io.oplog.protocol");
    assertThat(module.requires())
        .filteredOn(needed -> needed.modifiers().contains(Requires.Modifier.STATIC))
        .allMatch(needed -> !needed.modifiers().contains(Requires.Modifier.TRANSITIVE));
  }
}
