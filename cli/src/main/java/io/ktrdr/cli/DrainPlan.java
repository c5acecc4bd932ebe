package io.ktrdr.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Which workers go when some have to: idle ones first, then those that would lose least, which is
 * what they did since their last checkpoint, or since their run began; of two that would lose the
 * same, the one whose run is younger. Pure.
 *
 * @param picked in the order in which they go
 * @param kept those that live and are not picked
 */
record DrainPlan(List<Choice> picked, List<Choice> kept) {

  /**
   * A worker and the reason for what becomes of it.
   *
   * @param registeredAt tells its process from a successor of the same name
   */
  record Choice(String workerId, String type, String registeredAt, String why) {

    Choice because(String reason) {
      return new Choice(workerId, type, registeredAt, reason);
    }
  }

  /** What a busy worker would lose, and since when it runs. */
  private record Candidate(Choice choice, boolean idle, Instant safeUntil, Instant begun) {}

  private static final Comparator<Candidate> FIRST_TO_GO =
      Comparator.comparing((Candidate c) -> !c.idle())
          .thenComparing(Candidate::safeUntil, Comparator.reverseOrder())
          .thenComparing(Candidate::begun, Comparator.reverseOrder())
          .thenComparing(c -> c.choice().workerId());

  /**
   * @param workers as the registry lists them
   * @param keep this many of each type stay at least
   * @param operation looks an operation up, with its attempts
   */
  static DrainPlan of(JsonNode workers, int keep, Function<String, JsonNode> operation) {
    TreeMap<String, List<Candidate>> byType = new TreeMap<>();
    for (JsonNode worker : workers) {
      // One that fell silent holds nothing up, and one that drains already goes anyway.
      String status = worker.path("status").asText();
      if (status.equals("AVAILABLE") || status.equals("BUSY")) {
        byType
            .computeIfAbsent(worker.path("worker_type").asText(), _ -> new ArrayList<>())
            .add(candidate(worker, operation));
      }
    }
    List<Choice> picked = new ArrayList<>();
    List<Choice> kept = new ArrayList<>();
    byType.forEach((type, candidates) -> {
      candidates.sort(FIRST_TO_GO);
      int going = Math.max(0, candidates.size() - keep);
      for (int i = 0; i < candidates.size(); i++) {
        (i < going ? picked : kept).add(candidates.get(i).choice());
      }
    });
    return new DrainPlan(List.copyOf(picked), List.copyOf(kept));
  }

  private static Candidate candidate(JsonNode worker, Function<String, JsonNode> operation) {
    Choice choice =
        new Choice(
            worker.path("worker_id").asText(),
            worker.path("worker_type").asText(),
            worker.path("registered_at").asText(),
            "idle");
    String id = worker.path("current_operation_id").asText("");
    if (id.isEmpty()) {
      return new Candidate(choice, true, Instant.MAX, Instant.MAX);
    }
    JsonNode attempts = operation.apply(id).path("attempts");
    JsonNode attempt = attempts.path(attempts.size() - 1);
    Instant begun = time(attempt.path("started_at"));
    Instant checkpoint = time(attempt.path("checkpoint_at"));
    String run =
        begun.equals(Instant.MIN) ? "busy with " + id : "runs %s since %s".formatted(id, begun);
    return checkpoint.isAfter(begun)
        ? new Candidate(
            choice.because("%s, checkpoint of %s".formatted(run, checkpoint)),
            false,
            checkpoint,
            begun)
        : new Candidate(choice.because(run + ", no checkpoint"), false, begun, begun);
  }

  private static Instant time(JsonNode text) {
    try {
      return Instant.parse(text.asText());
    } catch (DateTimeParseException e) {
      return Instant.MIN;
    }
  }
}
