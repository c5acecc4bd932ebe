package io.ktrdr.system;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleNameEndingWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules of ARCHITECTURE.md for a tree of packages under one root. Written for any root, so that
 * each can be held against a planted offender too.
 */
final class ArchitectureRules {

  /** Module (first package below the root) → modules it may import. */
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.of(
          "protocol", Set.of(),
          "market", Set.of("protocol"),
          "strategy", Set.of("protocol", "market"),
          "worker", Set.of("protocol"),
          "backtest", Set.of("protocol", "market", "strategy", "worker"),
          "training", Set.of("protocol", "market", "strategy", "worker"),
          "example", Set.of("protocol", "worker"),
          "api", Set.of("protocol", "market", "strategy"),
          "cli", Set.of("protocol"),
          "standalone", Set.of("protocol"));

  private ArchitectureRules() {}

  /** Every rule, by name. */
  static Map<String, ArchRule> under(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("modules import one way", modules(root));
    rules.put(
        "packages have no cycles", slices().matching(root + ".(**)").should().beFreeOfCycles());
    rules.put("protocol words know no AMQP", wordsWithoutAmqp(root));
    rules.put(
        "only the amqp package touches amqp-client",
        confined(root, "com.rabbitmq..", List.of(root + ".protocol.amqp..")));
    rules.put(
        "only indicators touch ta4j",
        confined(root, "org.ta4j..", List.of(root + ".strategy.indicator..")));
    rules.put(
        "only training touches DL4J",
        confined(root, "org.deeplearning4j..", List.of(root + ".training..")));
    rules.put(
        "only training touches ND4J", confined(root, "org.nd4j..", List.of(root + ".training..")));
    rules.put(
        "only what traces touches OpenTelemetry",
        confined(
            root,
            "io.opentelemetry..",
            List.of(
                root + ".protocol.telemetry..",
                root + ".api.tracing..",
                root + ".worker.runtime..")));
    rules.put(
        "only the telemetry package touches OpenTelemetry's SDK",
        confined(root, "io.opentelemetry.sdk..", List.of(root + ".protocol.telemetry..")));
    rules.put("only routes touch Javalin", javalinInRoutes(root));
    rules.put("only stores hold SQL", sqlInStores(root));
    rules.put("no Thread.sleep", noSleep(root));
    rules.put("no vague class names", noVagueNames(root));
    return rules;
  }

  private static ArchRule modules(String root) {
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .should(
            new ArchCondition<JavaClass>("depend only on modules they may import") {
              @Override
              public void check(JavaClass origin, ConditionEvents events) {
                String from = moduleOf(root, origin);
                for (Dependency dependency : origin.getDirectDependenciesFromSelf()) {
                  String to = moduleOf(root, dependency.getTargetClass());
                  boolean allowed =
                      to.isEmpty()
                          || to.equals(from)
                          || MAY_IMPORT.getOrDefault(from, Set.of()).contains(to);
                  if (!allowed) {
                    events.add(SimpleConditionEvent.violated(origin, dependency.getDescription()));
                  }
                }
              }
            });
  }

  /** The first package below the root; empty for classes outside it. */
  private static String moduleOf(String root, JavaClass c) {
    String name = c.getPackageName();
    if (!name.startsWith(root + ".")) {
      return "";
    }
    String below = name.substring(root.length() + 1);
    int dot = below.indexOf('.');
    return dot < 0 ? below : below.substring(0, dot);
  }

  private static ArchRule wordsWithoutAmqp(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + ".protocol")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.rabbitmq..", "org.slf4j..", root + ".protocol.amqp..");
  }

  private static ArchRule confined(String root, String library, List<String> homes) {
    return noClasses()
        .that(
            resideInAnyPackage(root + "..")
                .and(DescribedPredicate.not(resideInAnyPackage(homes.toArray(String[]::new)))))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(library);
  }

  private static ArchRule javalinInRoutes(String root) {
    return noClasses()
        .that(
            resideInAnyPackage(root + "..")
                .and(DescribedPredicate.not(resideInAnyPackage(root + ".api.http..")))
                .and(DescribedPredicate.not(simpleNameEndingWith("Routes"))))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.javalin..");
  }

  private static ArchRule sqlInStores(String root) {
    DescribedPredicate<JavaClass> store =
        DescribedPredicate.describe(
            "stores", c -> topLevelName(c).endsWith("Store") || topLevelName(c).equals("Database"));
    return noClasses()
        .that(resideInAnyPackage(root + "..").and(DescribedPredicate.not(store)))
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "SQL is executed",
                call ->
                    call.getTarget().getOwner().getName().equals("org.jdbi.v3.core.Handle")
                        && Set.of(
                                "createQuery", "createUpdate", "select", "execute", "createScript")
                            .contains(call.getTarget().getName())));
  }

  private static String topLevelName(JavaClass c) {
    return c.getEnclosingClass().map(ArchitectureRules::topLevelName).orElse(c.getSimpleName());
  }

  private static ArchRule noSleep(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .callMethodWhere(
            DescribedPredicate.describe(
                "Thread.sleep is called",
                call ->
                    call.getTarget().getOwner().isEquivalentTo(Thread.class)
                        && call.getTarget().getName().equals("sleep")));
  }

  private static ArchRule noVagueNames(String root) {
    return noClasses()
        .that()
        .resideInAPackage(root + "..")
        .should()
        .haveSimpleNameEndingWith("Manager")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Impl")
        .orShould()
        .haveSimpleNameEndingWith("Service");
  }
}
