package io.oplog.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The directions between packages that ARCHITECTURE.md draws. */
@AnalyzeClasses(packages = "io.oplog", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule nettyLivesInTheServerAlone =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.oplog.server..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.netty..");

  @ArchTest
  static final ArchRule rocksdbLivesInItsStoreAlone =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.oplog.store.rocksdb..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.rocksdb..");

  @ArchTest
  static final ArchRule mongodbLivesInItsStoreAndItsSourceAlone =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.oplog.store.mongodb..",
              "io.oplog.connector.mongodb..",
              "io.oplog.testkit.mongodb..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("com.mongodb..");

  @ArchTest
  static final ArchRule redisLivesInItsSinkAlone =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.oplog.connector.redis..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.lettuce..");

  @ArchTest
  static final ArchRule theProtocolStandsOnTheJdkAndJacksonAlone =
      classes()
          .that()
          .resideInAPackage("io.oplog.protocol..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.oplog.protocol..",
              "java..",
              "tools.jackson.core..",
              "org.jspecify.annotations..",
              "com.google.errorprone.annotations..");

  @ArchTest
  static final ArchRule theClientStandsOnTheProtocolAlone =
      classes()
          .that()
          .resideInAPackage("io.oplog.client..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "io.oplog.client..",
              "io.oplog.protocol..",
              "java..",
              "org.jspecify.annotations..",
              "com.google.errorprone.annotations..");

  @ArchTest
  static final ArchRule theCoreKnowsNeitherStoresNorServer =
      noClasses()
          .that()
          .resideInAPackage("io.oplog.core..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.oplog.store..", "io.oplog.server..", "io.oplog.client..");

  @ArchTest
  static final ArchRule theStoreInterfaceDoesNotKnowTheEngine =
      noClasses()
          .that()
          .resideInAnyPackage("io.oplog.core.store..", "io.oplog.core.memory..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.oplog.core.engine..");

  @ArchTest
  static final ArchRule onlyTheWiringNamesAConcreteStore =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.oplog.server.command..", "io.oplog.store..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.oplog.store..");

  @ArchTest
  static final ArchRule udpDoesNotSeeHttp =
      noClasses()
          .that()
          .resideInAPackage("io.oplog.server.udp..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.oplog.server.http..");

  @ArchTest
  static final ArchRule httpDoesNotSeeUdp =
      noClasses()
          .that()
          .resideInAPackage("io.oplog.server.http..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.oplog.server.udp..");

  @ArchTest
  static final ArchRule packagesOfTheServerHaveNoCycles =
      slices().matching("io.oplog.server.(*)..").should().beFreeOfCycles();
}
